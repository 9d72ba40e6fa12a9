// Files to a server and back, by the client's own functions, on real folders.
#include "penstock/examples/file_transfer/transfers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "penstock/client/main_shard.h"
#include "penstock/examples/file_transfer/disk_file.h"
#include "penstock/examples/file_transfer/files.h"
#include "penstock/examples/file_transfer/progress.h"
#include "penstock/server/server.h"

namespace filetransfer {
namespace {

namespace fs = std::filesystem;

using penstock::CallScope;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;
using penstock::Task;
using penstock::Try;

constexpr uint64_t kFileBytesMax = 1'000'000;

std::string ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteWhole(const fs::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

// No two pieces of it are alike.
std::string ContentOf(size_t bytes) {
  std::string content(bytes, '\0');
  uint32_t state = 1;
  for (char& octet : content) {
    state = state * 1'664'525 + 1'013'904'223;
    octet = static_cast<char>(state >> 24);
  }
  return content;
}

class TransfersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    there_ = fs::path(::testing::TempDir()) / (std::string(test->name()) + "-there");
    here_ = fs::path(::testing::TempDir()) / (std::string(test->name()) + "-here");
    for (const fs::path& folder : {there_, here_}) {
      fs::remove_all(folder);
      fs::create_directories(folder);
    }
    ASSERT_TRUE(server_.Add<Files>().Open(there_, kFileBytesMax).ok());
    const Status status = server_.Start();
    ASSERT_TRUE(status.ok()) << status;
    channel_.emplace(&main_shard_.shard(), server_.addresses().front());
    files_.emplace(&*channel_);
  }

  Status Upload(const std::string& path, const std::string& name) {
    transferred_ = {};
    return main_shard_.Run(UploadFile(main_shard_.scope(), *files_, path, name, &transferred_));
  }
  Status Download(const std::string& name, const std::string& path) {
    transferred_ = {};
    return main_shard_.Run(DownloadFile(main_shard_.scope(), *files_, name, path, &transferred_));
  }
  static size_t CountIn(const fs::path& folder) {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
  }

  static penstock::ServerOptions OnLoopback() {
    penstock::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.shards = 1;
    return options;
  }

  fs::path there_;
  fs::path here_;
  penstock::Server server_{OnLoopback()};
  penstock::client::MainShard main_shard_;
  std::optional<penstock::client::Channel> channel_;
  std::optional<FileTransferClient> files_;
  Transferred transferred_;
};

TEST_F(TransfersTest, AFileComesBackAsItWas) {
  const size_t piece_bytes = DiskFile::kPieceBytes;
  for (const size_t bytes : {size_t{0}, size_t{1}, piece_bytes, piece_bytes + 1, 9 * piece_bytes}) {
    SCOPED_TRACE(bytes);
    const std::string content = ContentOf(bytes);
    WriteWhole(here_ / "sent", content);
    ASSERT_EQ(Upload(here_ / "sent", "kept"), OkStatus());
    EXPECT_EQ(transferred_.size_bytes, bytes);
    EXPECT_EQ(ReadWhole(there_ / "kept"), content);
    ASSERT_EQ(Download("kept", here_ / "back"), OkStatus());
    EXPECT_EQ(transferred_.size_bytes, bytes);
    EXPECT_EQ(transferred_.crc32, Crc32(0, content));
    EXPECT_EQ(ReadWhole(here_ / "back"), content);
    EXPECT_FALSE(fs::exists(PartPath(here_ / "back")));
  }
}

TEST_F(TransfersTest, ADownloadGoesOnWhereItStopped) {
  const std::string content = ContentOf(300'000);
  WriteWhole(there_ / "kept", content);
  for (const size_t bytes : {size_t{1}, DiskFile::kPieceBytes, size_t{200'000}, size_t{300'000}}) {
    SCOPED_TRACE(bytes);
    WriteWhole(PartPath(here_ / "back"), content.substr(0, bytes));
    ASSERT_EQ(Download("kept", here_ / "back"), OkStatus());
    EXPECT_EQ(transferred_.resumed_at_bytes, bytes);
    EXPECT_EQ(ReadWhole(here_ / "back"), content);
  }
}

TEST_F(TransfersTest, WhatIsOfAnotherFileIsRemoved) {
  WriteWhole(there_ / "kept", ContentOf(1'000));
  for (const char* part : {"of the same length or less", "longer"}) {
    SCOPED_TRACE(part);
    WriteWhole(PartPath(here_ / "back"),
               std::string(std::string_view(part) == "longer" ? 1'001 : 10, 'x'));
    EXPECT_EQ(Download("kept", here_ / "back").code(), StatusCode::kDataLoss);
    EXPECT_EQ(CountIn(here_), 0u);
  }
  EXPECT_EQ(Download("kept", here_ / "back"), OkStatus());
}

TEST_F(TransfersTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_EQ(Download("nowhere", here_ / "back").code(), StatusCode::kNotFound);
  EXPECT_EQ(CountIn(here_), 0u);
}

TEST_F(TransfersTest, NothingOutsideOfTheFolderIsReached) {
  WriteWhole(here_ / "secret", "secret");
  fs::create_symlink(here_ / "secret", there_ / "link");
  fs::create_directory(there_ / "folder");
  const std::string out = "../" + here_.filename().string() + "/secret";
  const struct {
    std::string name;
    StatusCode download;
    StatusCode upload;
  } cases[] = {
      {out, StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {here_ / "secret", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {"..", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {"", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {".hidden", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {"a\nb", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {std::string("a\0b", 3), StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {std::string(201, 'x'), StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {"link", StatusCode::kFailedPrecondition, StatusCode::kOk},  // the link is replaced
      {"folder", StatusCode::kFailedPrecondition, StatusCode::kInternal},
  };
  WriteWhole(here_ / "sent", "sent");
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(Download(each.name, here_ / "back").code(), each.download);
    EXPECT_EQ(Upload(here_ / "sent", each.name).code(), each.upload);
  }
  EXPECT_EQ(ReadWhole(here_ / "secret"), "secret");
  EXPECT_EQ(CountIn(there_), 2u) << "nothing is left of what was refused";
}

TEST_F(TransfersTest, AFileThatIsTooLongIsRefusedAndLeavesNothing) {
  WriteWhole(here_ / "sent", ContentOf(kFileBytesMax));
  EXPECT_EQ(Upload(here_ / "sent", "kept"), OkStatus());
  WriteWhole(here_ / "sent", ContentOf(kFileBytesMax + 1));
  EXPECT_EQ(Upload(here_ / "sent", "other").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(CountIn(there_), 1u);
}

Task<Status> BeginAndGo(CallScope& scope, const FileTransferClient& files) {
  auto upload = files.Upload(scope);
  UploadPart part;
  part.set_name("kept");
  co_await Try(co_await upload.Write(part));
  part.set_content("new");
  co_return co_await upload.Write(part);
}

// The server has stopped when it is looked: whatever it has begun has ended.
TEST_F(TransfersTest, AnUploadThatDoesNotEndLeavesTheOldFile) {
  WriteWhole(there_ / "kept", "old");
  EXPECT_EQ(main_shard_.Run(BeginAndGo(main_shard_.scope(), *files_)), OkStatus());
  channel_.reset();
  server_.Stop();
  EXPECT_EQ(ReadWhole(there_ / "kept"), "old");
  EXPECT_EQ(CountIn(there_), 1u);
}

Task<Status> Send(CallScope& scope, const FileTransferClient& files,
                  const std::vector<UploadPart>& parts) {
  auto upload = files.Upload(scope);
  for (const UploadPart& part : parts) (void)co_await upload.Write(part);
  const penstock::StatusOr<Stored> stored = co_await upload.Finish();
  co_return stored.status();
}

TEST_F(TransfersTest, AnUploadHasItsNameFirstAndOnce) {
  UploadPart name;
  name.set_name("kept");
  UploadPart content;
  content.set_content("new");
  const std::vector<UploadPart> cases[] = {{}, {content}, {UploadPart()}, {name, name}};
  for (const std::vector<UploadPart>& parts : cases) {
    EXPECT_EQ(main_shard_.Run(Send(main_shard_.scope(), *files_, parts)).code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(Progress, SaysHowFarAndHowFast) {
  constexpr uint64_t kMebibyte = 1 << 20;
  const penstock::TimeNs second_ns = penstock::kNsPerSecond;
  EXPECT_EQ(FormatProgress("a", 0, 0, 4 * kMebibyte, 0), "a  0.0 of 4.0 MiB  0 %");
  EXPECT_EQ(FormatProgress("a", kMebibyte, 3 * kMebibyte, 4 * kMebibyte, 2 * second_ns),
            "a  3.0 of 4.0 MiB  75 %  1.0 MiB/s");
  EXPECT_EQ(FormatProgress("a", 0, 0, 0, second_ns), "a  0.0 of 0.0 MiB  100 %  0.0 MiB/s");
}

TEST(FolderTest, SaysWhyItCannotBeServed) {
  Folder folder;
  EXPECT_EQ(penstock::MessageOf(folder.Open("/nowhere/at/all", 1)),
            "cannot serve the files of /nowhere/at/all: No such file or directory; make the "
            "folder first");
}

}  // namespace
}  // namespace filetransfer
