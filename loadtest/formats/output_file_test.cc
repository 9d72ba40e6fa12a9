#include "penstock/loadtest/formats/output_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace penstock::loadtest {
namespace {

namespace fs = std::filesystem;

class OutputFileIn : public ::testing::Test {
 protected:
  OutputFileIn() : folder_(std::string(std::getenv("TEST_TMPDIR")) + "/output") {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  size_t FilesCount() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  const std::string folder_;
};

TEST_F(OutputFileIn, IsThereWholeOrAsItWasBefore) {
  const std::string path = folder_ + "/result.json";
  const OutputFile file(path);
  EXPECT_EQ(file.Probe(), "");
  EXPECT_EQ(FilesCount(), 0u) << "a look leaves nothing behind";
  EXPECT_EQ(file.Write("first, and longer"), "");
  ::chmod(path.c_str(), 0640);
  EXPECT_EQ(file.Probe(), "");
  EXPECT_EQ(Content(path), "first, and longer");
  EXPECT_EQ(file.Write("second"), "");
  EXPECT_EQ(Content(path), "second");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
  EXPECT_EQ(FilesCount(), 1u);
}

TEST_F(OutputFileIn, ALinkStaysOne) {
  std::ofstream(folder_ + "/real.csv") << "old";
  fs::create_symlink("real.csv", folder_ + "/link.csv");
  EXPECT_EQ(OutputFile(folder_ + "/link.csv").Write("new"), "");
  EXPECT_TRUE(fs::is_symlink(folder_ + "/link.csv"));
  EXPECT_EQ(Content(folder_ + "/real.csv"), "new");
}

TEST_F(OutputFileIn, ALinkToNoFileYetStaysOne) {
  fs::create_directory(folder_ + "/new");
  fs::create_symlink("second", folder_ + "/first");
  fs::create_symlink(folder_ + "/new/real.csv", folder_ + "/second");
  const OutputFile file(folder_ + "/first");
  EXPECT_EQ(file.Probe(), "");
  EXPECT_FALSE(fs::exists(folder_ + "/new/real.csv"));
  EXPECT_EQ(file.Write("new"), "");
  EXPECT_TRUE(fs::is_symlink(folder_ + "/first"));
  EXPECT_TRUE(fs::is_symlink(folder_ + "/second"));
  EXPECT_EQ(Content(folder_ + "/new/real.csv"), "new");
  EXPECT_EQ(FilesCount(), 3u);
}

TEST_F(OutputFileIn, ALinkToItselfIsRefused) {
  fs::create_symlink("loop", folder_ + "/loop");
  const OutputFile file(folder_ + "/loop");
  EXPECT_NE(file.Probe().find("symbolic links"), std::string::npos) << file.Probe();
  EXPECT_NE(file.Write("new"), "");
  EXPECT_TRUE(fs::is_symlink(folder_ + "/loop"));
}

TEST_F(OutputFileIn, WhatIsNoFileIsWrittenAsItIs) {
  const OutputFile file("/dev/null");
  EXPECT_EQ(file.Probe(), "");
  EXPECT_EQ(file.Write("gone"), "");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const OutputFile pipe(folder_ + "/pipe");
  ASSERT_EQ(::mkfifo(pipe.path().c_str(), 0600), 0);
  EXPECT_EQ(pipe.Probe(), "") << "without waiting for who reads it";
}

TEST_F(OutputFileIn, SaysWhyItCannotBeWritten) {
  for (const std::string& path : {folder_, folder_ + "/missing/result.json"}) {
    const OutputFile file(path);
    const std::string why = file.Probe();
    EXPECT_TRUE(why.starts_with("cannot write the results to the file " + path + ": ")) << why;
    EXPECT_NE(file.Write("x"), "");
  }
  EXPECT_EQ(FilesCount(), 0u);
}

}  // namespace
}  // namespace penstock::loadtest
