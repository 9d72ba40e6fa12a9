#include "penstock/server/guards/access_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/reactor/testing/descriptor_limit.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/rpc/tracing/request_id.h"

namespace penstock {
namespace {

using guards::AccessRecord;
using guards::LogBuffer;
using testing::FakeCall;
using testing::FakeShard;

static_assert(PlainInterceptor<LogAccess>);

// 2026-11-30T16:34:00.123456Z
constexpr TimeNs kWallNs = 1'796'056'440'123'456'789;
TimeNs StoppedClock() { return kWallNs; }

std::string LineOf(const AccessRecord& record, AccessFormat format) {
  char line[guards::kAccessLineBytesMax];
  return {line, guards::FormatAccess(record, format, line)};
}

// --- A line

TEST(WallTime, IsThatOfRfc3339) {
  const struct {
    TimeNs wall_ns;
    const char* want;
  } cases[] = {{0, "1970-01-01T00:00:00.000000Z"},
               {kWallNs, "2026-11-30T16:34:00.123456Z"},
               {951'782'400 * kNsPerSecond, "2000-02-29T00:00:00.000000Z"},
               {1'709'251'199 * kNsPerSecond + 999'999'999, "2024-02-29T23:59:59.999999Z"}};
  for (const auto& each : cases) {
    char text[guards::kWallTimeBytes];
    guards::FormatWallTime(each.wall_ns, text);
    EXPECT_EQ(std::string(text, sizeof(text)), each.want);
  }
}

TEST(AccessRecord, HasALineInEitherFormat) {
  const Identity identity = {IdentityKind::kToken, "anna"};
  TraceContext trace;
  trace.trace_id_low = 2;
  trace.span_id = 3;
  trace.parent_span_id = 4;
  AccessRecord record;
  record.ended_at_wall_ns = kWallNs;
  record.duration_ns = 1500;
  record.deadline_left_ns = -7;
  record.method = "/shop.Cart/Add";
  record.peer = "10.0.0.1:5000";
  record.code = StatusCode::kNotFound;
  record.message = "no \"cart\"";
  record.messages_received_count = 1;
  record.identity = &identity;
  record.request_id = "abc";
  record.trace = &trace;
  record.sample_one_in = 10;
  EXPECT_EQ(LineOf(record, AccessFormat::kJson),
            "{\"time\":\"2026-11-30T16:34:00.123456Z\",\"method\":\"/shop.Cart/Add\","
            "\"code\":\"NOT_FOUND\",\"message\":\"no \\\"cart\\\"\",\"peer\":\"10.0.0.1:5000\","
            "\"identity\":\"token:anna\",\"duration_ns\":1500,\"deadline_left_ns\":-7,"
            "\"messages_received\":1,\"messages_sent\":0,\"request_id\":\"abc\","
            "\"trace_id\":\"00000000000000000000000000000002\",\"span_id\":\"0000000000000003\","
            "\"parent_span_id\":\"0000000000000004\",\"sample_one_in\":10}\n");
  EXPECT_EQ(LineOf(record, AccessFormat::kText),
            "time=\"2026-11-30T16:34:00.123456Z\" method=\"/shop.Cart/Add\" code=\"NOT_FOUND\" "
            "message=\"no \\\"cart\\\"\" peer=\"10.0.0.1:5000\" identity=\"token:anna\" "
            "duration_ns=1500 deadline_left_ns=-7 messages_received=1 messages_sent=0 "
            "request_id=\"abc\" trace_id=\"00000000000000000000000000000002\" "
            "span_id=\"0000000000000003\" parent_span_id=\"0000000000000004\" sample_one_in=10\n");
}

TEST(AccessRecord, LeavesOutWhatIsNotThere) {
  AccessRecord record;
  record.method = "/a.B/C";
  record.peer = "unix:";
  EXPECT_EQ(LineOf(record, AccessFormat::kJson),
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"method\":\"/a.B/C\",\"code\":\"OK\","
            "\"peer\":\"unix:\",\"duration_ns\":0,\"messages_received\":0,\"messages_sent\":0}\n");
}

std::string Escaped(std::string_view message) {
  AccessRecord record;
  record.message = message;
  const std::string line = LineOf(record, AccessFormat::kJson);
  const size_t begin = line.find("\"message\":\"") + 11;
  return line.substr(begin, line.find("\",\"peer\"") - begin);
}

// A peer cannot begin a line of its own.
TEST(AccessRecord, EscapesWhatPeersChoose) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"plain", "plain"},
      {"a\"b\\c", "a\\\"b\\\\c"},
      {"a\nb\rc\td", "a\\nb\\u000dc\\u0009d"},
      {std::string("a\0b", 3), "a\\u0000b"},
      {"\x1b[31m\x7f", "\\u001b[31m\\u007f"},
      {"z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80",
       "z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"a\xc2\x9b[31m\xc2\x85z\xc2\xa0", "a\\u009b[31m\\u0085z\xc2\xa0"},
      {"a\xe2\x80\xa8z\xe2\x80\xa9\xe2\x80\xaa", "a\\u2028z\\u2029\xe2\x80\xaa"},
      {"a\xff\xc3z", "a\\ufffd\\ufffdz"},
      {"\xc3\xbc\xff", "\\ufffd\\ufffd\\ufffd"},
      {std::string(1021, 'a'), std::string(1021, 'a')},
      {std::string(1022, 'a'), std::string(1021, 'a') + "..."},
      {std::string(1020, 'a') + "\xc3\xbc", std::string(1020, 'a') + "..."},
  };
  for (const auto& each : cases) EXPECT_EQ(Escaped(each.text), each.want);
}

TEST(AccessRecord, TheLongestLineHasRoom) {
  const std::string worst(5000, '\x01');
  const Identity identity = {IdentityKind::kFingerprint, worst};
  TraceContext trace;
  trace.parent_span_id = 1;
  AccessRecord record;
  record.duration_ns = std::numeric_limits<TimeNs>::min();
  record.deadline_left_ns = std::numeric_limits<TimeNs>::min();
  record.messages_received_count = record.messages_sent_count = UINT64_MAX;
  record.sample_one_in = UINT32_MAX;
  record.code = StatusCode::kFailedPrecondition;
  record.handler_code = StatusCode::kFailedPrecondition;
  record.method = record.peer = record.message = record.request_id = worst;
  record.identity = &identity;
  record.trace = &trace;
  for (const AccessFormat format : {AccessFormat::kJson, AccessFormat::kText}) {
    const std::string line = LineOf(record, format);
    EXPECT_LE(line.size(), guards::kAccessLineBytesMax);
    EXPECT_GT(line.size(), guards::kAccessLineBytesMax / 2);
  }
}

// --- The buffer

TEST(LogBuffer, DropsWhatFindsNoRoomAndCountsIt) {
  LogBuffer buffer(LogBuffer::kStripesCount * 10);
  for (size_t i = 0; i < LogBuffer::kStripesCount; ++i) EXPECT_TRUE(buffer.Append("12345678", 3));
  EXPECT_EQ(buffer.dropped_count(), 0u);
  EXPECT_FALSE(buffer.Append("12345678", 3));
  EXPECT_TRUE(buffer.Append("9\n", 3)) << "a short one fits still";
  EXPECT_EQ(buffer.dropped_count(), 1u);
  EXPECT_EQ(buffer.Take(3), "123456789\n");
  EXPECT_EQ(buffer.Take(3), "");
  EXPECT_TRUE(buffer.Append("12345678", 3));
}

TEST(LogBuffer, LosesNothingBetweenThreads) {
  LogBuffer buffer(1024 * 1024);
  std::vector<std::thread> shards;
  for (size_t shard = 0; shard < 4; ++shard) {
    shards.emplace_back([&buffer, shard] {
      for (int i = 0; i < 1000; ++i) static_cast<void>(buffer.Append("line\n", shard));
    });
  }
  size_t bytes = 0;
  const auto take_all = [&buffer, &bytes] {
    for (size_t i = 0; i < LogBuffer::kStripesCount; ++i) bytes += buffer.Take(i).size();
  };
  for (int i = 0; i < 100; ++i) take_all();
  for (std::thread& shard : shards) shard.join();
  take_all();
  EXPECT_EQ(bytes + 5 * buffer.dropped_count(), 4u * 1000 * 5);
}

// --- The log

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(fds_, O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  int writer() const { return fds_[1]; }
  void CloseReader() { Close(fds_[0]); }
  void CloseWriter() { Close(fds_[1]); }
  std::string ReadSome() {
    char piece[4096];
    const ssize_t bytes = ::read(fds_[0], piece, sizeof(piece));
    return {piece, bytes > 0 ? static_cast<size_t>(bytes) : 0};
  }
  // To its end.
  std::string ReadAll() {
    CloseWriter();
    std::string text;
    for (std::string piece; !(piece = ReadSome()).empty();) text += piece;
    return text;
  }

 private:
  static void Close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int fds_[2] = {-1, -1};
};

AccessLogOptions OptionsTo(const Pipe& pipe) {
  AccessLogOptions options;
  options.fd = pipe.writer();
  options.wall_clock = &StoppedClock;
  return options;
}

void LogOne(LogAccess& access, FakeShard& shard, const Status& status, TimeNs duration_ns = 0) {
  FakeCall call(&shard);
  call.SetMethod("/shop.Cart/Add");
  call.SetTimeout(kNsPerSecond);
  ASSERT_TRUE(access.Before(call).ok());
  call.Set(RequestId{"abc"});
  shard.Pass(duration_ns);
  access.After(call, status);
}

TEST(AccessLog, WritesALineForEachCall) {
  Pipe pipe;
  FakeShard shard;
  {
    AccessLog log(OptionsTo(pipe));
    LogAccess access(&log);
    LogOne(access, shard, OkStatus(), 5 * kNsPerMs);
    LogOne(access, shard, MakeStatus(StatusCode::kInternal, "oh"));
  }
  const std::string ok =
      "{\"time\":\"2026-11-30T16:34:00.123456Z\",\"method\":\"/shop.Cart/Add\",\"code\":\"OK\","
      "\"peer\":\"127.0.0.1:50000\",\"duration_ns\":5000000,\"deadline_left_ns\":995000000,"
      "\"messages_received\":0,\"messages_sent\":0,\"request_id\":\"abc\"}\n";
  const std::string failed =
      "{\"time\":\"2026-11-30T16:34:00.123456Z\",\"method\":\"/shop.Cart/Add\","
      "\"code\":\"INTERNAL\",\"message\":\"oh\",\"peer\":\"127.0.0.1:50000\",\"duration_ns\":0,"
      "\"deadline_left_ns\":1000000000,\"messages_received\":0,\"messages_sent\":0,"
      "\"request_id\":\"abc\"}\n";
  // A stripe that the writer is just emptying is passed over.
  const std::string text = pipe.ReadAll();
  EXPECT_TRUE(text == ok + failed || text == failed + ok) << text;
}

// The caller heard of the deadline; the handler ended well behind it.
TEST(AccessLog, SaysWhatTheCallerHasHeard) {
  Pipe pipe;
  FakeShard shard;
  {
    AccessLogOptions options = OptionsTo(pipe);
    options.sample_one_in = 0;
    AccessLog log(options);
    LogAccess access(&log);
    LogOne(access, shard, OkStatus(), 3 * kNsPerSecond);
  }
  const std::string text = pipe.ReadAll();
  EXPECT_NE(text.find("\"code\":\"DEADLINE_EXCEEDED\",\"handler_code\":\"OK\",\"message\":"),
            std::string::npos)
      << text;
}

// A log for all, and one for a service.
TEST(AccessLog, TwoOfThemAroundACallHaveEachItsOwnTime) {
  Pipe outer_pipe;
  Pipe inner_pipe;
  FakeShard shard;
  {
    AccessLog outer_log(OptionsTo(outer_pipe));
    AccessLog inner_log(OptionsTo(inner_pipe));
    LogAccess outer(&outer_log);
    LogAccess inner(&inner_log);
    FakeCall call(&shard);
    ASSERT_TRUE(outer.Before(call).ok());
    shard.Pass(5 * kNsPerMs);
    ASSERT_TRUE(inner.Before(call).ok());
    shard.Pass(kNsPerMs);
    inner.After(call, OkStatus());
    outer.After(call, OkStatus());
  }
  EXPECT_NE(outer_pipe.ReadAll().find("\"duration_ns\":6000000,"), std::string::npos);
  EXPECT_NE(inner_pipe.ReadAll().find("\"duration_ns\":1000000,"), std::string::npos);
}

size_t CountOf(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

TEST(AccessLog, SamplesSuccessesAndKeepsFailures) {
  const struct {
    uint32_t one_in;
    bool logs_failures;
    size_t ok_min, ok_max, failed_min, failed_max;
  } cases[] = {{1, true, 1000, 1000, 1000, 1000},
               {0, true, 0, 0, 1000, 1000},
               {0, false, 0, 0, 0, 0},
               {10, true, 30, 300, 1000, 1000},  // 100, and ten deviations of 9.5 around it
               {10, false, 30, 300, 30, 300}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.one_in);
    const std::string path = ::testing::TempDir() + "/access.log";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    AccessLogOptions options;
    options.fd = fd;
    options.sample_one_in = each.one_in;
    options.logs_failures = each.logs_failures;
    options.failures_per_second_max = UINT32_MAX;
    {
      AccessLog log(options);
      LogAccess access(&log);
      FakeShard shard;
      for (int i = 0; i < 1000; ++i) {
        LogOne(access, shard, OkStatus());
        LogOne(access, shard, MakeStatus(StatusCode::kInternal, "oh"));
      }
      EXPECT_EQ(log.dropped_count(), 0u);
    }
    std::string text(1024 * 1024, '\0');
    text.resize(static_cast<size_t>(::pread(fd, text.data(), text.size(), 0)));
    ::close(fd);
    const size_t ok_count = CountOf(text, "\"code\":\"OK\"");
    EXPECT_GE(ok_count, each.ok_min);
    EXPECT_LE(ok_count, each.ok_max);
    const size_t failed_count = CountOf(text, "\"code\":\"INTERNAL\"");
    EXPECT_GE(failed_count, each.failed_min);
    EXPECT_LE(failed_count, each.failed_max);
  }
}

// Strangers choose how many calls fail.
TEST(AccessLog, LogsSoManyFailuresASecondAndCountsTheOthers) {
  Pipe pipe;
  FakeShard shard;
  {
    AccessLogOptions options = OptionsTo(pipe);
    options.failures_per_second_max = 3;
    AccessLog log(options);
    LogAccess access(&log);
    for (int i = 0; i < 10; ++i) LogOne(access, shard, MakeStatus(StatusCode::kInternal, "oh"));
    EXPECT_EQ(log.failures_skipped_count(), 7u);
    shard.Pass(kNsPerSecond);
    LogOne(access, shard, MakeStatus(StatusCode::kInternal, "oh"));
    LogOne(access, shard, OkStatus());
    EXPECT_EQ(log.failures_skipped_count(), 7u);
  }
  const std::string text = pipe.ReadAll();
  EXPECT_EQ(CountOf(text, "\"code\":\"INTERNAL\""), 4u);
  EXPECT_EQ(CountOf(text, "\"code\":\"OK\""), 1u);
  EXPECT_GE(CountOf(text, "\"failures_skipped\":"), 1u) << text;
}

// As a pipe takes them: in parts.
TEST(AccessLog, WritesLinesThatAreLongerThanItsOwn) {
  Pipe pipe;
  const std::string text = std::string(5000, 'x') + "\n" + std::string(9000, 'y');
  {
    AccessLog log(OptionsTo(pipe));
    log.Append(text, 0);
  }
  EXPECT_EQ(pipe.ReadAll(), text);
}

// Nobody reads: what does not fit is dropped. Who begins to hears of it.
void DropLinesAndReadOfThem(AccessLog& log, Pipe& pipe) {
  const std::string line = std::string(1023, 'x') + "\n";
  for (int i = 0; i < 1000; ++i) log.Append(line, 0);
  EXPECT_GT(log.dropped_count(), 0u);
  std::string text;
  while (text.find("\"dropped\":") == std::string::npos) {
    const std::string piece = pipe.ReadSome();
    ASSERT_FALSE(piece.empty());
    text += piece;
  }
}

TEST(AccessLog, NeverWaitsForItsReader) {
  Pipe pipe;
  AccessLogOptions options = OptionsTo(pipe);
  options.buffer_bytes_max = 32 * 1024;
  AccessLog log(options);
  DropLinesAndReadOfThem(log, pipe);
}

TEST(AccessLog, OutOfDescriptorsItSaysSoAndWritesAllTheSame) {
  Pipe pipe;
  AccessLogOptions options = OptionsTo(pipe);
  options.buffer_bytes_max = 32 * 1024;
  ::testing::internal::CaptureStderr();
  {
    const reactor::DescriptorLimit limit(0);
    AccessLog log(options);
    for (const std::string_view line : {"first\n", "second\n"}) {
      log.Append(line, 0);
      EXPECT_EQ(pipe.ReadSome(), line);
    }
    DropLinesAndReadOfThem(log, pipe);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "penstock: the access log cannot make an eventfd: too many open files; raise "
            "RLIMIT_NOFILE (ulimit -n); its lines wait for up to 100 ms\n");
}

TEST(AccessLog, SurvivesAReaderThatHasEnded) {
  Pipe pipe;
  pipe.CloseReader();
  AccessLog log(OptionsTo(pipe));
  const std::string line = "line\n";
  while (log.lost_bytes() == 0) log.Append(line, 0);
  EXPECT_GE(log.lost_bytes(), line.size());
}

TEST(AccessLogOptions, AreRefusedWithASentence) {
  AccessLogOptions options;
  EXPECT_TRUE(CheckAccessLog(options).ok());
  options.fd = -1;
  EXPECT_EQ(MessageOf(CheckAccessLog(options)),
            "AccessLogOptions::fd is -1: it is an open file descriptor");
  options.fd = 1;
  options.buffer_bytes_max = 32 * 1024 - 1;
  EXPECT_EQ(MessageOf(CheckAccessLog(options)),
            "AccessLogOptions::buffer_bytes_max is 32767: it is from 32768 to 1073741824");
}

}  // namespace
}  // namespace penstock
