#include "penstock/loadtest/page/plot_command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "penstock/loadtest/command_line.h"

namespace penstock::loadtest::page {
namespace {

namespace fs = std::filesystem;

int Plot(std::initializer_list<std::string> words) {
  std::vector<std::string> kept = {"plot"};
  kept.insert(kept.end(), words);
  std::vector<char*> pointers;
  for (std::string& word : kept) pointers.push_back(word.data());
  const auto count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  return RunPlot(count, pointers.data());
}

std::string Content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The second name of the old page is what a browser that reads it has.
TEST(Plot, WritesThePageWholeOrNotAtAll) {
  const std::string folder = std::string(std::getenv("TEST_TMPDIR")) + "/plot";
  fs::remove_all(folder);
  fs::create_directory(folder);
  const std::string result = folder + "/run.json";
  const std::string page = folder + "/run.html";
  std::ofstream(result) << R"({"schema": "penstock-load/1", "totals": {}})";
  std::ofstream(page) << "old";
  fs::create_hard_link(page, folder + "/kept.html");
  EXPECT_EQ(Plot({result, "-o", page}), kExitOk);
  EXPECT_TRUE(Content(page).ends_with("</html>\n"));
  EXPECT_EQ(Content(folder + "/kept.html"), "old");
  EXPECT_EQ(Plot({result, "-o", folder}), kExitErrors);
  EXPECT_EQ(Plot({folder + "/none.json", "-o", page}), kExitErrors);
  EXPECT_TRUE(Content(page).ends_with("</html>\n"));
}

}  // namespace
}  // namespace penstock::loadtest::page
