#include "penstock/loadtest/page/plot_command.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/formats/output_file.h"
#include "penstock/loadtest/page/load_page.h"
#include "penstock/loadtest/read_file.h"
#include "penstock/loadtest/tool/command_options.h"

namespace penstock::loadtest::page {
namespace {

constexpr char kName[] = "penstock-load plot";
constexpr char kDescription[] =
    "penstock-load plot: results that were kept as JSON, as one page of HTML that needs no other\n"
    "file and no network. Several are laid over each other.\n"
    "\n"
    "Examples:\n"
    "  penstock-load plot run.json -o run.html\n"
    "  penstock-load plot before.json after.json -o page.html    changes are from the first\n";
constexpr char kFooter[] =
    "Exit status: 0 it was written; 1 a file cannot be read, or is no result, or the page cannot\n"
    "be written; 64 wrong usage.";

int Fail(const std::string& sentence) {
  std::fprintf(stderr, "%s: %s\n", kName, sentence.c_str());
  return kExitErrors;
}

// How a page calls a file: without folders, where that says which it is.
std::string NameOf(const std::string& path, const std::vector<std::string>& paths) {
  const auto base = [](const std::string& of) { return of.substr(of.rfind('/') + 1); };
  size_t same = 0;
  for (const std::string& other : paths) same += base(other) == base(path) ? 1 : 0;
  return same > 1 ? path : base(path);
}

// "", or a sentence.
std::string ReadDocuments(const std::vector<std::string>& paths, std::vector<Document>* documents) {
  for (const std::string& path : paths) {
    Document document;
    document.name = NameOf(path, paths);
    if (!ReadFile(path, &document.json)) {
      return "cannot read " + path + ": " + std::strerror(errno) +
             "; name what penstock-load --json FILE wrote";
    }
    if (const std::string wrong = WrongWith(document.json); !wrong.empty()) {
      return path + " " + wrong + "; name what penstock-load --json FILE wrote";
    }
    documents->push_back(std::move(document));
  }
  return "";
}

}  // namespace

int RunPlot(int argc, char** argv) {
  CLI::App app{kDescription, kName};
  app.footer(kFooter);
  std::vector<std::string> paths;
  std::string output;
  app.add_option("FILE", paths, "results, in JSON; the first is what others are compared with")
      ->type_name("")
      ->required();
  app.add_option("-o,--output", output, "where the page goes; - is stdout")
      ->type_name("FILE.html")
      ->required();
  if (const auto status = tool::ParseCommand(app, argc, argv)) return *status;
  std::vector<Document> documents;
  if (const std::string wrong = ReadDocuments(paths, &documents); !wrong.empty()) {
    return Fail(wrong);
  }
  const std::string trouble = OutputFile(output).Write(MakeLoadPage(documents));
  return trouble.empty() ? kExitOk : Fail(trouble);
}

}  // namespace penstock::loadtest::page
