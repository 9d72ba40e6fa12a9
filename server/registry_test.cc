#include "penstock/server/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

namespace penstock {
namespace {

// What the registry asks of messages: octets that begin with '!' do not parse.
struct TextMessage {
  explicit TextMessage(wire::Arena* its_arena) : arena(its_arena) {}
  codec::ParseResult MergeFromBytes(wire::Bytes input, codec::StringRule) {
    text = wire::AsString(input);
    if (text.starts_with('!')) return {codec::ParseError::kTruncated, 1};
    return {};
  }
  size_t ByteSize() const { return text.size(); }
  uint8_t* SerializeTo(uint8_t* target) const {
    return std::copy(text.begin(), text.end(), target);
  }

  wire::Arena* arena;
  std::string_view text;
};

constexpr UnaryMethod<TextMessage, TextMessage> kEcho{"/a.B/Echo"};

class TestCall final : public Call {
 public:
  TestCall() : Call(nullptr) {}
};

class RecordingExchange final : public server::UnaryExchange {
 public:
  RecordingExchange(Call& its_call, std::string_view its_request)
      : UnaryExchange(its_call, wire::AsBytes(its_request)) {}

  void Reply(const rpc::MessageWriter& message) override {
    ++answers_count;
    reply.resize(message.byte_size());
    message.SerializeTo(reinterpret_cast<uint8_t*>(reply.data()));
  }
  void Fail(const Status& its_status) override {
    ++answers_count;
    status = its_status;
  }

  int answers_count = 0;
  std::string reply;
  Status status;
};

// One answer of `handler` to `request`, through the registry.
template <typename Handler>
RecordingExchange Answer(Handler handler, std::string_view request) {
  Registry registry;
  registry.Handle(kEcho, std::move(handler));
  const server::MethodEntry* entry = registry.Find("/a.B/Echo");
  TestCall call;
  RecordingExchange exchange(call, request);
  entry->run_inline(*entry, exchange);
  EXPECT_EQ(exchange.answers_count, 1);
  return exchange;
}

Status Echo(Call&, const TextMessage& request, TextMessage& reply) {
  reply.text = request.text;
  return OkStatus();
}

TEST(Registry, FindsWhatWasRegisteredAndNothingElse) {
  Registry registry;
  registry.Handle(kEcho, &Echo);
  ASSERT_NE(registry.Find("/a.B/Echo"), nullptr);
  EXPECT_EQ(registry.Find("/a.B/Echo")->path, "/a.B/Echo");
  for (const char* path : {"", "/", "a.B/Echo", "/a.B/echo", "/a.B/Echo/", "/a.B/Ech", "/A.B/Echo",
                           "/a.B//Echo", "//a.B/Echo", "/a.B/Echo?", "/a.B"}) {
    EXPECT_EQ(registry.Find(path), nullptr) << path;
  }
}

TEST(Registry, EntriesStayWhereTheyAreWhileMoreAreAdded) {
  Registry registry;
  registry.Handle(kEcho, &Echo);
  const server::MethodEntry* entry = registry.Find("/a.B/Echo");
  for (int i = 0; i < 1000; ++i) {
    const std::string path = "/a.B/M" + std::to_string(i);
    registry.Handle(UnaryMethod<TextMessage, TextMessage>{path}, &Echo);
  }
  EXPECT_EQ(registry.Find("/a.B/Echo"), entry);
}

TEST(Registry, ServicesAreNamedOnceAndSorted) {
  Registry registry;
  EXPECT_EQ(registry.services(), std::vector<std::string>{});
  for (const char* path : {"/z.Z/A", "/a.B/Y", "/z.Z/B", "/a.B/X", "/C/D"}) {
    registry.Handle(UnaryMethod<TextMessage, TextMessage>{path}, &Echo);
  }
  EXPECT_EQ(registry.services(), (std::vector<std::string>{"C", "a.B", "z.Z"}));
}

TEST(Registry, WhatBlocksIsNoShards) {
  constexpr BidiStreamingMethod<TextMessage, TextMessage> kStream{"/a.B/Stream"};
  const auto handler = [](Call&, BlockingReader<TextMessage>&, BlockingWriter<TextMessage>&) {
    return OkStatus();
  };
  Registry registry;
  EXPECT_FALSE(registry.needs_workers());
  EXPECT_DEATH(registry.Handle(kStream, handler, RunOn::kShard), "/a.B/Stream.*RunOn::kWorkers");
  registry.Handle(kStream, handler);
  EXPECT_TRUE(registry.needs_workers());
}

TEST(RegistryDeathTest, APathTwiceEndsTheProgramWithASentence) {
  Registry registry;
  registry.Handle(kEcho, &Echo);
  EXPECT_DEATH(registry.Handle(kEcho, &Echo),
               "cannot register a handler for \"/a.B/Echo\": it has one already");
}

class NamedCodec final : public codec::Codec {
 public:
  explicit NamedCodec(std::string_view subtype) : subtype_(subtype) {}
  std::string_view subtype() const override { return subtype_; }
  codec::CodecResult Parse(wire::Bytes, const codec::MessageClass&,
                           codec::MessageHead&) const override {
    return {};
  }
  codec::CodecResult Serialize(const codec::MessageHead&, const codec::MessageClass&,
                               std::string&) const override {
    return {};
  }

 private:
  const std::string subtype_;
};

TEST(Registry, FindsCodecsInAnySpelling) {
  Registry registry;
  EXPECT_EQ(registry.FindCodec("json"), nullptr);
  registry.AddCodec(std::make_unique<NamedCodec>("json"));
  registry.AddCodec(std::make_unique<NamedCodec>("x.2"));
  EXPECT_EQ(registry.subtypes(), (std::vector<std::string>{"proto", "json", "x.2"}));
  EXPECT_EQ(registry.FindCodec("JSon"), registry.FindCodec("json"));
  EXPECT_NE(registry.FindCodec("json"), registry.FindCodec("x.2"));
  for (const char* subtype : {"", "jso", "jsonx", "proto"}) {
    EXPECT_EQ(registry.FindCodec(subtype), nullptr) << subtype;
  }
}

TEST(RegistryDeathTest, ACodecThatCannotBeIsASentence) {
  const struct {
    std::string subtype;
    const char* why;
  } cases[] = {
      {"json", "it has one already"},
      {"proto", "generated code reads and writes that by itself"},
      {"JSON", "a token in lower case"},
      {"", "a token in lower case"},
      {"a b", "a token in lower case"},
      {std::string(33, 'x'), "of at most 32 characters"},
  };
  Registry registry;
  registry.AddCodec(std::make_unique<NamedCodec>("json"));
  registry.AddCodec(std::make_unique<NamedCodec>(std::string(32, 'x')));
  for (const auto& c : cases) {
    SCOPED_TRACE(c.subtype);
    EXPECT_DEATH(registry.AddCodec(std::make_unique<NamedCodec>(c.subtype)), c.why);
  }
}

TEST(RegistryDeathTest, AnImpossiblePathEndsTheProgramWithASentence) {
  for (const char* path : {"", "/", "a.B/C", "/a.B", "/a.B/", "//C", "a/"}) {
    SCOPED_TRACE(path);
    Registry registry;
    EXPECT_DEATH(registry.Handle(UnaryMethod<TextMessage, TextMessage>{path}, &Echo),
                 "a path looks like /package.Service/Method");
  }
}

void Page(const HttpRequest&, HttpReply& reply) { reply.SetText(200, "a page"); }

TEST(Registry, PagesAreApartFromRpcs) {
  Registry registry;
  registry.HandleGet("/b", &Page);
  registry.HandleGet("/a.B/Echo", &Page);
  registry.HandleGet(
      "/", [count = std::make_shared<int>(0)](const HttpRequest&, HttpReply&) { ++*count; });
  registry.Handle(kEcho, &Echo);
  EXPECT_EQ(registry.get_paths(), (std::vector<std::string>{"/", "/a.B/Echo", "/b"}));
  EXPECT_EQ(registry.services(), std::vector<std::string>{"a.B"});
  ASSERT_NE(registry.FindGet("/b"), nullptr);
  EXPECT_EQ(registry.Find("/b"), nullptr);
  EXPECT_EQ(registry.FindGet("/b?q"), nullptr);
}

TEST(RegistryDeathTest, APageTwiceEndsTheProgramWithASentence) {
  Registry registry;
  registry.HandleGet("/b", &Page);
  EXPECT_DEATH(registry.HandleGet("/b", &Page),
               "cannot register a handler for \"/b\": it has one already");
}

TEST(RegistryDeathTest, AnImpossiblePagePathEndsTheProgramWithASentence) {
  for (const char* path : {"", "b", "b/", "/b?c", "/b#c", "/b c", "/\xc3\xa4"}) {
    SCOPED_TRACE(path);
    Registry registry;
    EXPECT_DEATH(registry.HandleGet(path, &Page), "begins with '/'");
  }
}

TEST(Registry, RunsTheHandlerAndReplies) {
  const RecordingExchange exchange = Answer(&Echo, "hello");
  EXPECT_EQ(exchange.reply, "hello");
  EXPECT_TRUE(exchange.status.ok());
}

TEST(Registry, KeepsTheCallableAndItsState) {
  auto count = std::make_shared<int>(0);
  {
    Registry registry;
    registry.Handle(kEcho, [count](Call&, const TextMessage&, TextMessage&) {
      ++*count;
      return OkStatus();
    });
    const server::MethodEntry* entry = registry.Find("/a.B/Echo");
    for (int i = 0; i < 3; ++i) {
      TestCall call;
      RecordingExchange exchange(call, "");
      entry->run_inline(*entry, exchange);
    }
    EXPECT_EQ(*count, 3);
    EXPECT_EQ(count.use_count(), 2);
  }
  EXPECT_EQ(count.use_count(), 1);
}

TEST(Registry, MessagesLiveInTheCallsArena) {
  Answer(
      [](Call& call, const TextMessage& request, TextMessage& reply) {
        EXPECT_EQ(request.arena, &call.arena());
        EXPECT_EQ(reply.arena, &call.arena());
        return OkStatus();
      },
      "");
}

TEST(Registry, AStatusIsNotAReply) {
  const RecordingExchange exchange = Answer(
      [](Call&, const TextMessage&, TextMessage& reply) {
        reply.text = "ignored";
        return MakeStatus(StatusCode::kNotFound, "gone");
      },
      "");
  EXPECT_EQ(exchange.status, MakeStatus(StatusCode::kNotFound, "gone"));
  EXPECT_EQ(exchange.reply, "");
}

TEST(Registry, ARequestThatDoesNotParseIsInternalAndNotHandled) {
  bool handled = false;
  const RecordingExchange exchange = Answer(
      [&handled](Call&, const TextMessage&, TextMessage&) {
        handled = true;
        return OkStatus();
      },
      "!");
  EXPECT_FALSE(handled);
  EXPECT_EQ(exchange.status.code(), StatusCode::kInternal);
  EXPECT_NE(MessageOf(exchange.status).find("could not be parsed"), std::string_view::npos);
}

TEST(Registry, AnExceptionIsUnknownAndNamesTheHandler) {
  const RecordingExchange exchange = Answer(
      [](Call&, const TextMessage&, TextMessage&) -> Status { throw std::runtime_error("ouch"); },
      "");
  EXPECT_EQ(exchange.status, MakeStatus(StatusCode::kUnknown, "the handler threw an exception"));
}

TEST(Registry, WhatAnExceptionSaysIsPrintedWithoutControlsAndCut) {
  ::testing::internal::CaptureStderr();
  (void)Answer(
      [](Call&, const TextMessage&, TextMessage&) -> Status {
        throw std::runtime_error("a\nb\x1b[31m" + std::string(200, 'x'));
      },
      "");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::EndsWith("threw: a?b?[31m" + std::string(120, 'x') + "...\n"));
}

TEST(Registry, AnythingThrownIsUnknown) {
  const RecordingExchange exchange =
      Answer([](Call&, const TextMessage&, TextMessage&) -> Status { throw 42; }, "");
  EXPECT_EQ(exchange.status.code(), StatusCode::kUnknown);
}

}  // namespace
}  // namespace penstock
