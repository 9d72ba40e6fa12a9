// Streams of a client: what is written when, what is read, and how they end.
#include "penstock/client/streams.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "penstock/client/testing/dialogue.h"
#include "penstock/client/testing/root_coroutine.h"
#include "penstock/rpc/raw_message.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::Headers;
using http2::testing::RstStream;
using http2::testing::SettingsFrame;
using http2::testing::WindowUpdate;

using Notes = std::vector<std::string>;

// A stream that a test drives: what its coroutine has seen so far.
struct Seen {
  Notes notes;  // messages as they are, the end as "end", a status as its code's name
  void Add(const Status& status) { notes.push_back(absl::StatusCodeToString(status.code())); }
};

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() : scope_(&net_.shard()), message_(&scope_.arena()) {}

  ChannelCore* core() { return &net_.channel().core(); }
  void Accept() {
    net_.Turn();
    net_.Accepts();
  }
  void ExpectsHead() { net_.Expects(Dialogue::RequestHead(1)); }

  Dialogue net_;
  Scope scope_;
  RawMessage message_;
  Seen seen_;
};

// --- Download

RootCoroutine ReadAll(Download<RawMessage>& download, Seen* seen) {
  for (;;) {
    const StatusOr<const RawMessage*> next = co_await download.Next();
    if (!next.ok()) {
      seen->Add(next.status());
      break;
    }
    if (*next == nullptr) {
      seen->notes.push_back("end");
      break;
    }
    seen->notes.push_back(std::string((*next)->text()));
  }
}

class DownloadTest : public StreamTest {
 protected:
  // Is read to its end.
  void Begin() {
    message_.Copy(std::string_view("hello"));
    download_.emplace(core(), &scope_, "/a.B/C", message_, CallOptions::Default());
    ReadAll(*download_, &seen_);
    Accept();
    ExpectsHead();
    net_.Expects(Data(1, Framed("hello")).End());
  }
  void TearDown() override {
    net_.CloseChannel();  // who still waits hears of it
    download_.reset();
  }

  std::optional<Download<RawMessage>> download_;
};

TEST_F(DownloadTest, EndsCleanlyAfterTheLastMessage) {
  Begin();
  net_.Sends(ResponseHead(1), Data(1, Framed("a") + Framed("b").substr(0, 3)));
  EXPECT_EQ(seen_.notes, Notes{"a"});
  net_.Sends(Data(1, Framed("b").substr(3) + Framed("")), Trailers(1, "0").Field("x-t", "t"));
  EXPECT_EQ(seen_.notes, (Notes{"a", "b", "", "end"}));
  EXPECT_EQ(download_->trailing_metadata().Get("x-t"), "t");
}

TEST_F(DownloadTest, MayHaveNoMessage) {
  Begin();
  net_.Sends(ResponseHead(1).Field("grpc-status", "0").End());
  EXPECT_EQ(seen_.notes, Notes{"end"});
}

TEST_F(DownloadTest, AStatusComesBehindTheMessages) {
  Begin();
  net_.Sends(ResponseHead(1), Data(1, Framed("a")), Trailers(1, "5"));
  EXPECT_EQ(seen_.notes, (Notes{"a", "NOT_FOUND"}));
}

TEST_F(DownloadTest, EndsWithItsConnection) {
  Begin();
  net_.Sends(ResponseHead(1), Data(1, Framed("a")));
  net_.net().newest().EndWrite();
  net_.Turn();
  EXPECT_EQ(seen_.notes, (Notes{"a", "UNAVAILABLE"}));
}

TEST_F(DownloadTest, AMessageThatIsCutIsInternal) {
  Begin();
  net_.Sends(ResponseHead(1), Data(1, Framed("abc").substr(0, 6)), Trailers(1, "0"));
  EXPECT_EQ(seen_.notes, Notes{"INTERNAL"});
}

TEST_F(DownloadTest, AMessageThatIsTooLargeIsRefusedByItsPrefix) {
  Begin();
  net_.Sends(ResponseHead(1), Data(1, std::string("\0\x7f\0\0\0", 5)));
  EXPECT_EQ(seen_.notes, Notes{"RESOURCE_EXHAUSTED"});
  net_.Expects(RstStream(1, ErrorCode::kCancel));
}

TEST_F(DownloadTest, OneThatIsDroppedIsCancelled) {
  message_.Copy(std::string_view("hello"));
  download_.emplace(core(), &scope_, "/a.B/C", message_, CallOptions::Default());
  Accept();
  net_.TakeFrame();
  net_.TakeFrame();
  net_.Sends(ResponseHead(1), Data(1, Framed("a")));
  download_.reset();
  net_.Turn();
  net_.Expects(RstStream(1, ErrorCode::kCancel));
}

// What is not read is not asked for anew.
TEST_F(DownloadTest, CreditFollowsTheReader) {
  message_.Copy(std::string_view("hello"));
  download_.emplace(core(), &scope_, "/a.B/C", message_, CallOptions::Default());
  Accept();
  net_.Sends(ResponseHead(1));
  const std::string framed = Framed(std::string(10'000, 'x'));
  for (int i = 0; i < 100; ++i) net_.Sends(Data(1, framed));
  EXPECT_EQ(download_->queued_count(), 100u);
  EXPECT_EQ(download_->queued_bytes(), 100 * framed.size());
  EXPECT_EQ(net_.credit_bytes(1), 0u);
  ReadAll(*download_, &seen_);
  net_.Turn();
  EXPECT_EQ(seen_.notes.size(), 100u);
  EXPECT_GT(net_.credit_bytes(1), 50 * framed.size());  // is returned at half of the window
  net_.Sends(Data(1, framed), Data(1, framed), Trailers(1, "0"));
  EXPECT_EQ(seen_.notes.size(), 103u);
  EXPECT_EQ(seen_.notes.back(), "end");
}

// --- Upload

RootCoroutine Finish(Upload<RawMessage, RawMessage>& upload, Seen* seen) {
  const StatusOr<RawMessage> reply = co_await upload.Finish();
  if (reply.ok()) {
    seen->notes.push_back(std::string(reply->text()));
  } else {
    seen->Add(reply.status());
  }
}

template <typename Stream>
RootCoroutine Write(Stream& stream, const RawMessage& message, Seen* seen) {
  seen->Add(co_await stream.Write(message));
}

class UploadTest : public StreamTest {
 protected:
  void Begin() { upload_.emplace(core(), &scope_, "/a.B/C", CallOptions::Default()); }
  void Writes(std::string_view text) {
    message_.Copy(text);
    Write(*upload_, message_, &seen_);
    net_.Turn();
  }
  void TearDown() override {
    net_.CloseChannel();
    upload_.reset();
  }

  std::optional<Upload<RawMessage, RawMessage>> upload_;
};

TEST_F(UploadTest, SendsMessageByMessageAndGetsOne) {
  Begin();
  Accept();
  ExpectsHead();
  Writes("a");
  net_.Expects(Data(1, Framed("a")));
  Writes("b");
  net_.Expects(Data(1, Framed("b")));
  Finish(*upload_, &seen_);
  net_.Turn();
  net_.Expects(Data(1, "").End());
  net_.Sends(ResponseHead(1), Data(1, Framed("two")), Trailers(1, "0"));
  EXPECT_EQ(seen_.notes, (Notes{"OK", "OK", "two"}));
}

// One message waits with the call; the next has to wait for that.
TEST_F(UploadTest, WritesWaitForTheConnection) {
  Begin();
  Writes("a");
  EXPECT_EQ(seen_.notes, Notes{});
  Accept();
  EXPECT_EQ(seen_.notes, Notes{"OK"});
  ExpectsHead();
  net_.Expects(Data(1, Framed("a")));
}

// What waited for the connection may be more than may lie unsent.
TEST_F(UploadTest, WritesWaitForRoomBehindALargeFirstMessage) {
  Begin();
  Writes(std::string(1'000'000, 'x'));
  Accept();
  EXPECT_EQ(seen_.notes, Notes{});
  net_.Sends(WindowUpdate(0, 1'000'000), WindowUpdate(1, 1'000'000));
  net_.TakeFrame();
  net_.Turn();
  EXPECT_EQ(seen_.notes, Notes{"OK"});
}

TEST_F(UploadTest, WithoutAMessageIsAHeadAlone) {
  Begin();
  Finish(*upload_, &seen_);
  Accept();
  net_.Expects(Dialogue::RequestHead(1).End());
}

TEST_F(UploadTest, WritesWaitForTheServerToRead) {
  Begin();
  net_.Turn();
  net_.Accepts({{SettingId::kInitialWindowSize, 10}});
  ExpectsHead();
  Writes(std::string(300'000, 'x'));
  EXPECT_EQ(seen_.notes, Notes{});
  net_.Sends(WindowUpdate(1, 60'000));
  EXPECT_EQ(seen_.notes, Notes{"OK"});
}

TEST_F(UploadTest, AWriteThatWaitedForTheConnectionMayHaveToWaitForTheServer) {
  Begin();
  Writes(std::string(300'000, 'x'));
  net_.Accepts({{SettingId::kInitialWindowSize, 10}});
  ExpectsHead();
  EXPECT_EQ(seen_.notes, Notes{});
  net_.Sends(WindowUpdate(1, 60'000));
  EXPECT_EQ(seen_.notes, Notes{"OK"});
}

TEST_F(UploadTest, AWriteThatWaitsForAServerThatRefusesWaitsForTheNextStream) {
  Begin();
  Writes(std::string(300'000, 'x'));
  net_.Accepts({{SettingId::kInitialWindowSize, 10}});
  ExpectsHead();
  net_.Expects(Data(1, Framed(std::string(300'000, 'x')).substr(0, 10)));
  net_.Sends(SettingsFrame({{SettingId::kMaxConcurrentStreams, 0}}),
             RstStream(1, ErrorCode::kRefusedStream));
  EXPECT_EQ(seen_.notes, Notes{});
  net_.Sends(SettingsFrame({{SettingId::kMaxConcurrentStreams, 1}}));
  net_.Expects(Dialogue::RequestHead(3));
  EXPECT_EQ(seen_.notes, Notes{});
  net_.Sends(WindowUpdate(3, 60'000));
  EXPECT_EQ(seen_.notes, Notes{"OK"});
}

// Rule of gRPC's status_ordering.md: no write succeeds after the status.
TEST_F(UploadTest, NoWriteSucceedsBehindTheStatus) {
  Begin();
  Accept();
  ExpectsHead();
  net_.Sends(ResponseHead(1).Field("grpc-status", "9").End());
  net_.Expects(RstStream(1, ErrorCode::kNoError));  // Spec: RFC 9113 §8.1
  Writes("late");
  Finish(*upload_, &seen_);
  EXPECT_EQ(seen_.notes, (Notes{"FAILED_PRECONDITION", "FAILED_PRECONDITION"}));
}

TEST_F(UploadTest, AServerMayAnswerBeforeItHasReadAll) {
  Begin();
  Accept();
  ExpectsHead();
  net_.Sends(ResponseHead(1), Data(1, Framed("enough")), Trailers(1, "0"));
  net_.Expects(RstStream(1, ErrorCode::kNoError));
  Writes("late");
  Finish(*upload_, &seen_);
  EXPECT_EQ(seen_.notes, (Notes{"CANCELLED", "enough"}));
}

TEST_F(UploadTest, IsMadeAgainAsLongAsAllOfItIsThere) {
  Begin();
  Writes("a");
  Accept();
  ExpectsHead();
  net_.Expects(Data(1, Framed("a")));
  net_.Sends(RstStream(1, ErrorCode::kRefusedStream));
  net_.Expects(Dialogue::RequestHead(3));
  net_.Expects(Data(3, Framed("a")));
  Writes("b");  // is not kept
  net_.Expects(Data(3, Framed("b")));
  net_.Sends(RstStream(3, ErrorCode::kRefusedStream));
  Finish(*upload_, &seen_);
  EXPECT_EQ(seen_.notes, (Notes{"OK", "OK", "UNAVAILABLE"}));
}

TEST_F(UploadTest, WhatWasSentAndNotKeptIsNotMadeAgain) {
  Begin();
  Accept();
  ExpectsHead();
  Writes("a");
  net_.Expects(Data(1, Framed("a")));
  net_.Sends(RstStream(1, ErrorCode::kRefusedStream));
  Finish(*upload_, &seen_);
  EXPECT_EQ(seen_.notes, (Notes{"OK", "UNAVAILABLE"}));
  net_.ExpectsNothing();
}

// --- Duplex

RootCoroutine ReadAllOf(Duplex<RawMessage, RawMessage>& duplex, Seen* seen) {
  for (;;) {
    const StatusOr<const RawMessage*> next = co_await duplex.Next();
    if (!next.ok()) {
      seen->Add(next.status());
      break;
    }
    seen->notes.push_back(*next == nullptr ? "end" : std::string((*next)->text()));
    if (*next == nullptr) break;
  }
}

class DuplexTest : public StreamTest {
 protected:
  void Begin() {
    duplex_.emplace(core(), &scope_, "/a.B/C", CallOptions::Default());
    ReadAllOf(*duplex_, &seen_);
    Accept();
    ExpectsHead();
  }
  void Writes(std::string_view text) {
    message_.Copy(text);
    Write(*duplex_, message_, &written_);
    net_.Turn();
  }
  void TearDown() override {
    net_.CloseChannel();
    duplex_.reset();
  }

  std::optional<Duplex<RawMessage, RawMessage>> duplex_;
  Seen written_;
};

TEST_F(DuplexTest, BothSidesTalkAsTheyLike) {
  Begin();
  Writes("a");
  net_.Expects(Data(1, Framed("a")));
  net_.Sends(ResponseHead(1), Data(1, Framed("1")));
  EXPECT_EQ(seen_.notes, Notes{"1"});
  Writes("b");
  net_.Expects(Data(1, Framed("b")));
  duplex_->CloseWrites();
  duplex_->CloseWrites();
  net_.Turn();
  net_.Expects(Data(1, "").End());
  net_.Sends(Data(1, Framed("2")), Trailers(1, "0"));
  EXPECT_EQ(seen_.notes, (Notes{"1", "2", "end"}));
  net_.ExpectsNothing();
}

TEST_F(DuplexTest, CancelEndsBothSides) {
  Begin();
  duplex_->Cancel();
  net_.Turn();
  net_.Expects(RstStream(1, ErrorCode::kCancel));
  EXPECT_EQ(seen_.notes, Notes{"CANCELLED"});
  Writes("late");
  EXPECT_EQ(written_.notes, Notes{"CANCELLED"});
}

TEST_F(DuplexTest, TheParentsCancellationIsHeardByWhoReads) {
  Begin();
  scope_.Cancel(MakeStatus(StatusCode::kAborted, "enough"));
  net_.Turn();
  EXPECT_EQ(seen_.notes, Notes{"ABORTED"});
  duplex_.reset();
  net_.Turn();
  net_.Expects(RstStream(1, ErrorCode::kCancel));
}

TEST_F(DuplexTest, ADeadlineEndsBothSides) {
  scope_.SetTimeout(kNsPerSecond);
  duplex_.emplace(core(), &scope_, "/a.B/C", CallOptions::Default());
  ReadAllOf(*duplex_, &seen_);
  Accept();
  net_.TakeFrame();
  net_.Advance(kNsPerSecond + kNsPerMs);
  EXPECT_EQ(seen_.notes, Notes{"DEADLINE_EXCEEDED"});
  net_.Expects(RstStream(1, ErrorCode::kCancel));
}

}  // namespace
}  // namespace penstock::client::testing
