// penstock-load plot: results that --json kept, as one page of HTML.
//
//     penstock-load plot before.json after.json -o page.html
//
// Takes the arguments from "plot" on, and answers what the program ends with: see command_line.h.
#ifndef PENSTOCK_LOADTEST_PAGE_PLOT_COMMAND_H_
#define PENSTOCK_LOADTEST_PAGE_PLOT_COMMAND_H_

namespace penstock::loadtest::page {

int RunPlot(int argc, char** argv);

}  // namespace penstock::loadtest::page

#endif  // PENSTOCK_LOADTEST_PAGE_PLOT_COMMAND_H_
