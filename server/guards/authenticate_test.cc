#include "penstock/server/guards/authenticate.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/server/guards/token_file.h"
#include "penstock/server/registry.h"

namespace penstock {
namespace {

using testing::FakeCall;
using testing::FakeShard;

// --- What an authorization says

TEST(Bearer, IsReadAsTheSpecificationHasIt) {
  const std::string longest(guards::kTokenBytesMax, 't');
  const struct {
    std::string field;
    const char* want;  // null: none
  } cases[] = {
      {"Bearer abc", "abc"},
      {"bearer abc", "abc"},
      {"BEARER   abc", "abc"},
      {"Bearer a-._~+/9Z==", "a-._~+/9Z=="},
      {"Bearer " + longest, longest.c_str()},
      {"Bearer " + longest + "t", nullptr},
      {"", nullptr},
      {"Bearer", nullptr},
      {"Bearer ", nullptr},
      {"Bearer    ", nullptr},
      {"Bearer\tabc", nullptr},
      {"Bearer abc ", nullptr},
      {"Bearer a b", nullptr},
      {"Bearer a=b", nullptr},
      {"Bearer =", nullptr},
      {"Bearer a,b", nullptr},
      {"Bearer \xc3\xbc", nullptr},
      {"Bearerabc", nullptr},
      {"Basic YTpi", nullptr},
      {" Bearer abc", nullptr},
  };
  for (const auto& each : cases) {
    const std::optional<std::string_view> token = guards::ParseBearer(each.field);
    if (each.want == nullptr) {
      EXPECT_FALSE(token.has_value()) << each.field.substr(0, 40);
    } else {
      EXPECT_EQ(token, each.want) << each.field.substr(0, 40);
    }
  }
}

// --- SHA-256. Source: FIPS 180-4's examples

std::string HexOf(const guards::Sha256Digest& digest) {
  std::string text;
  for (const uint8_t octet : digest) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 0xf];
  }
  return text;
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(HexOf(guards::Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexOf(guards::Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// --- The file of tokens

std::string Line(std::string_view name, std::string_view token) {
  return std::string(name) + " sha256:" + HexOf(guards::Sha256(token)) + "\n";
}

TEST(TokenFile, KnowsEachTokenByItsHash) {
  const StatusOr<TokenFile> file =
      TokenFile::Parse("# names\n\n" + Line("anna", "old") + "  " + Line("anna", "new") +
                       Line("bert", "his") + "# end");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->tokens_count(), 3u);
  FakeCall call;
  const struct {
    const char* token;
    const char* name;
  } cases[] = {{"old", "anna"}, {"new", "anna"}, {"his", "bert"}};
  for (const auto& each : cases) {
    const StatusOr<Identity> identity = file->Verify(call, each.token);
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(identity->ToString(), "token:" + std::string(each.name));
  }
  const std::string longest(TokenFile::kTokenBytesMax, 't');
  const StatusOr<TokenFile> long_ones =
      TokenFile::Parse(Line("anna", longest) + Line("bert", longest + "t"));
  EXPECT_TRUE(long_ones->Verify(call, longest).ok());
  EXPECT_EQ(long_ones->Verify(call, longest + "t").status().code(), StatusCode::kUnauthenticated);
  for (const char* unknown : {"", "hers", "anna", "old "}) {
    EXPECT_EQ(file->Verify(call, unknown).status().code(), StatusCode::kUnauthenticated);
  }
}

TEST(TokenFile, SaysWhichLineIsWrongAndNothingOfIt) {
  std::string too_many;
  for (size_t i = 0; i <= TokenFile::kTokensMax; ++i) too_many += Line("n", std::to_string(i));
  const struct {
    std::string text;
    const char* want;
  } cases[] = {
      {"anna", "line 1 is not \"NAME sha256:HASH\""},
      {Line("anna", "a") + "bert secret", "line 2 has no \"sha256:\" behind its name: tokens are "
                                          "kept hashed"},
      {"anna sha256:12", "line 1 has a hash that is not of 64 hexadecimal digits"},
      {"anna sha256:" + std::string(64, 'g'),
       "line 1 has a hash that is not of 64 hexadecimal digits"},
      {Line("\xc3\xbc", "a"), "line 1 has a name that is not printable ASCII"},
      {Line(std::string(129, 'n'), "a"), "line 1 has a name of more than 128 octets"},
      {Line("anna", "a") + Line("bert", "a"), "line 2 has the token of 'anna': whose is it?"},
      {too_many, "line 1001 is one token more than 1000"},
      {std::string(TokenFile::kFileBytesMax + 1, '#'), "it has more than 1 MiB"},
  };
  for (const auto& each : cases) {
    const StatusOr<TokenFile> file = TokenFile::Parse(each.text);
    EXPECT_EQ(file.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(MessageOf(file.status()), each.want);
  }
}

TEST(TokenFile, ThatIsNotThereSaysSo) {
  const Status status = TokenFile::Load("/nonexistent/tokens").status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(status),
            "cannot read the tokens in /nonexistent/tokens: No such file or directory");
}

// --- Who may call what

TEST(MethodPolicy, TheMostSpecificPatternCounts) {
  MethodPolicy policy;
  policy.AllowAnonymous("/shop.Admin/Version")
      .AllowOnly("/shop.Admin/*", {"token:anna"})
      .Require("/shop.Cart/*")
      .AllowAnonymous("*");
  ASSERT_TRUE(policy.status().ok()) << policy.status();
  const struct {
    const char* method;
    bool anonymous;
    bool anna;
    bool bert;
  } cases[] = {
      {"/shop.Admin/Version", true, true, true},
      {"/shop.Admin/Delete", false, true, false},
      {"/shop.Admin/Versions", false, true, false},
      {"/shop.Cart/Add", false, true, true},
      {"/shop.AdminToo/Delete", true, true, true},
      {"/other.Service/Call", true, true, true},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.method);
    const MethodPolicy::Rule& rule = policy.RuleOf(each.method);
    EXPECT_EQ(rule.allows_anonymous(), each.anonymous);
    EXPECT_EQ(rule.Allows({IdentityKind::kToken, "anna"}), each.anna);
    EXPECT_EQ(rule.Allows({IdentityKind::kToken, "bert"}), each.bert);
  }
}

TEST(MethodPolicy, RequiresAnIdentityWhereNothingIsSaid) {
  const MethodPolicy policy;
  EXPECT_FALSE(policy.RuleOf("/any.Service/Call").allows_anonymous());
  EXPECT_TRUE(policy.RuleOf("/any.Service/Call").Allows({IdentityKind::kUri, "x"}));
}

// What one issuer calls anna is not what another one does.
TEST(MethodPolicy, KindsOfIdentitiesAreNotConfused) {
  MethodPolicy policy;
  policy.AllowOnly("*", {"uri:anna"});
  EXPECT_TRUE(policy.RuleOf("/a.B/C").Allows({IdentityKind::kUri, "anna"}));
  EXPECT_FALSE(policy.RuleOf("/a.B/C").Allows({IdentityKind::kCommonName, "anna"}));
  EXPECT_FALSE(policy.RuleOf("/a.B/C").Allows({IdentityKind::kToken, "anna"}));
  EXPECT_FALSE(policy.RuleOf("/a.B/C").Allows({IdentityKind::kCommonName, "uri:anna"}));
}

TEST(MethodPolicy, AnEmptyListLetsNobodyIn) {
  MethodPolicy policy;
  policy.AllowOnly("/a.B/C", {});
  EXPECT_FALSE(policy.RuleOf("/a.B/C").Allows({IdentityKind::kToken, "anna"}));
  EXPECT_FALSE(policy.RuleOf("/a.B/C").allows_anonymous());
}

TEST(MethodPolicy, RefusesWhatIsNoPatternWithASentence) {
  for (const char* pattern : {"", "/", "//", "/a.B", "/a.B/", "a.B/C", "/a.B/C/D", "/a.B/C*",
                              "/a.B/**", "/*/C", "**", "/a*/C", "//C"}) {
    MethodPolicy policy;
    policy.Require(pattern);
    EXPECT_EQ(policy.status().code(), StatusCode::kInvalidArgument) << pattern;
  }
  MethodPolicy twice;
  twice.Require("/a.B/*").AllowAnonymous("/a.B/*");
  EXPECT_EQ(MessageOf(twice.status()),
            "MethodPolicy: '/a.B/*' stands there twice: which one counts?");
  for (const char* identity : {"anna", "token:", ":anna", "user:anna", ""}) {
    MethodPolicy policy;
    policy.AllowOnly("*", {identity});
    EXPECT_EQ(policy.status().code(), StatusCode::kInvalidArgument) << identity;
  }
}

constexpr UnaryMethod<RawMessage, RawMessage> kDelete{"/shop.Admin/Delete"};

TEST(MethodPolicy, FindsMethodsThatNobodyHas) {
  Registry registry;
  registry.Handle(kDelete, [](Call&, const RawMessage&, RawMessage&) { return OkStatus(); });
  const struct {
    const char* pattern;
    StatusCode want;
  } cases[] = {{"/shop.Admin/Delete", StatusCode::kOk},
               {"/shop.Admin/*", StatusCode::kOk},
               {"/grpc.health.v1.Health/*", StatusCode::kOk},
               {"/grpc.channelz.v1.Channelz/GetServers", StatusCode::kOk},
               {"/grpc.channelz.v1.Chanelz/*", StatusCode::kNotFound},
               {"/shop.Admin/Delte", StatusCode::kNotFound},
               {"/shop.Amdin/*", StatusCode::kNotFound}};
  for (const auto& each : cases) {
    MethodPolicy policy;
    policy.Require(each.pattern);
    EXPECT_EQ(policy.CheckMethods(registry).code(), each.want) << each.pattern;
  }
}

// --- The interceptor

PeerIdentity Certificate() {
  PeerIdentity peer;
  peer.common_name = "billing";
  peer.dns_names = {"billing.prod", "billing"};
  peer.uris = {"spiffe://prod/billing", "spiffe://prod/money"};
  peer.sha256_fingerprint = std::string(64, 'a');
  return peer;
}

MethodPolicy Policy() {
  MethodPolicy policy;
  policy.AllowAnonymous("/grpc.health.v1.Health/*")
      .AllowOnly("/shop.Admin/*", {"token:anna", "uri:spiffe://prod/money"})
      .AllowOnly("/shop.Bought/*", {"token:anna"})
      .AllowOnly("/shop.Pinned/*", {"sha256:" + std::string(64, 'a')})
      .AllowOnly("/shop.Named/*", {"cn:billing"});
  return policy;
}

TokenFile Tokens() {
  return *TokenFile::Parse(Line("anna", "secret-a") + Line("bert", "secret-b"));
}

TEST(Authenticate, KnownCallersPassAndOthersHearWhy) {
  auto authenticate = Authenticate(Policy(), Tokens());
  static_assert(PlainInterceptor<decltype(authenticate)>);
  const std::string digits(64, 'a');
  const struct {
    const char* name;
    const char* method;
    const char* authorization;  // null: none
    bool has_certificate;
    StatusCode want;
    std::optional<std::string> identity;
  } cases[] = {
      {"nobody", "/shop.Cart/Add", nullptr, false, StatusCode::kUnauthenticated, std::nullopt},
      {"nobody, where that is allowed", "/grpc.health.v1.Health/Check", nullptr, false,
       StatusCode::kOk, std::nullopt},
      {"a token", "/shop.Cart/Add", "Bearer secret-b", false, StatusCode::kOk, "token:bert"},
      {"a certificate", "/shop.Cart/Add", nullptr, true, StatusCode::kOk,
       "uri:spiffe://prod/billing"},
      {"both", "/shop.Cart/Add", "Bearer secret-b", true, StatusCode::kOk, "token:bert"},
      {"a token that is allowed", "/shop.Admin/Delete", "Bearer secret-a", false, StatusCode::kOk,
       "token:anna"},
      {"a token that is not", "/shop.Admin/Delete", "Bearer secret-b", false,
       StatusCode::kPermissionDenied, std::nullopt},
      {"the second name of a certificate", "/shop.Admin/Delete", nullptr, true, StatusCode::kOk,
       "uri:spiffe://prod/money"},
      {"a token that is not, on a connection that is", "/shop.Admin/Delete", "Bearer secret-b",
       true, StatusCode::kPermissionDenied, std::nullopt},
      {"a token that is, on a connection that is not", "/shop.Bought/Get", "Bearer secret-a", true,
       StatusCode::kOk, "token:anna"},
      {"a certificate that is not", "/shop.Bought/Get", nullptr, true,
       StatusCode::kPermissionDenied, std::nullopt},
      {"a fingerprint", "/shop.Pinned/Get", nullptr, true, StatusCode::kOk, "sha256:" + digits},
      {"a common name", "/shop.Named/Get", nullptr, true, StatusCode::kOk, "cn:billing"},
      {"a token for a name", "/shop.Named/Get", "Bearer secret-a", false,
       StatusCode::kPermissionDenied, std::nullopt},
      {"a bad token", "/shop.Cart/Add", "Bearer secret-c", false, StatusCode::kUnauthenticated,
       std::nullopt},
      {"a bad token, where none is needed", "/grpc.health.v1.Health/Check", "Bearer secret-c",
       false, StatusCode::kUnauthenticated, std::nullopt},
      {"a bad token, on a good connection", "/shop.Cart/Add", "Bearer secret-c", true,
       StatusCode::kUnauthenticated, std::nullopt},
      {"another scheme", "/shop.Cart/Add", "Basic YTpi", false, StatusCode::kUnauthenticated,
       std::nullopt},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    FakeCall call;
    call.SetMethod(each.method);
    if (each.authorization != nullptr) call.AddMetadata("authorization", each.authorization);
    if (each.has_certificate) call.SetPeerIdentity(Certificate());
    const Status status = authenticate.Before(call);
    EXPECT_EQ(status.code(), each.want) << status;
    EXPECT_EQ(MessageOf(status).find("secret-"), std::string_view::npos) << status;
    const Identity* identity = call.Get<Identity>();
    ASSERT_EQ(identity != nullptr, each.identity.has_value());
    if (identity == nullptr) continue;
    EXPECT_EQ(identity->ToString(), each.identity);
  }
}

TEST(Authenticate, TwoTokensAreNone) {
  auto authenticate = Authenticate(Policy(), Tokens());
  FakeCall call;
  call.AddMetadata("authorization", "Bearer secret-a");
  call.AddMetadata("authorization", "Bearer secret-b");
  const Status status = authenticate.Before(call);
  EXPECT_EQ(status.code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(MessageOf(status), "there are two of 'authorization': send one");
}

TEST(Authenticate, SaysWhatToDo) {
  auto with_tokens = Authenticate(Policy(), Tokens());
  auto without = Authenticate(Policy());
  FakeCall call;
  call.SetMethod("/shop.Cart/Add");
  EXPECT_EQ(MessageOf(with_tokens.Before(call)),
            "/shop.Cart/Add needs to know who calls: send 'authorization: Bearer TOKEN', or show a "
            "client certificate");
  EXPECT_EQ(MessageOf(without.Before(call)),
            "/shop.Cart/Add needs to know who calls: show a client certificate");
}

// It may be meant for the handler.
TEST(Authenticate, WithoutTokensLeavesAuthorizationAlone) {
  auto authenticate = Authenticate(Policy());
  FakeCall call;
  call.SetMethod("/shop.Cart/Add");
  call.SetPeerIdentity(Certificate());
  call.AddMetadata("authorization", "Basic YTpi");
  EXPECT_TRUE(authenticate.Before(call).ok());
  EXPECT_EQ(call.metadata().Get("authorization"), "Basic YTpi");
}

// A certificate without names.
TEST(Authenticate, ACertificateIsKnownByItsFingerprint) {
  auto authenticate = Authenticate(MethodPolicy());
  PeerIdentity peer;
  peer.sha256_fingerprint = std::string(64, 'b');
  FakeCall call;
  call.SetPeerIdentity(peer);
  ASSERT_TRUE(authenticate.Before(call).ok());
  EXPECT_EQ(call.Get<Identity>()->ToString(), "sha256:" + std::string(64, 'b'));
}

// A verifier of the program's own.
struct Upstream {
  StatusOr<Identity> Verify(Call& call, std::string_view token) const {
    if (token == "throws") throw std::invalid_argument("malformed token: throws");
    if (token == "later") return MakeStatus(StatusCode::kUnavailable, "nobody can say now");
    return Identity{IdentityKind::kToken, call.arena().Copy(token)};
  }
};

TEST(Authenticate, AVerifiersErrorIsTheAnswer) {
  auto authenticate = Authenticate(MethodPolicy(), Upstream());
  FakeCall call;
  call.AddMetadata("authorization", "Bearer later");
  EXPECT_EQ(authenticate.Before(call).code(), StatusCode::kUnavailable);
  FakeCall good;
  good.AddMetadata("authorization", "Bearer now");
  ASSERT_TRUE(authenticate.Before(good).ok());
  EXPECT_EQ(good.Get<Identity>()->name, "now");
}

// Tokens do not come into logs by way of what a library throws.
TEST(Authenticate, OfWhatAVerifierThrowsTheTypeAloneIsSaid) {
  auto authenticate = Authenticate(MethodPolicy(), Upstream());
  FakeShard shard;
  FakeCall call(&shard);
  call.AddMetadata("authorization", "Bearer throws");
  shard.Pass(kNsPerSecond);
  ::testing::internal::CaptureStderr();
  const Status status = authenticate.Before(call);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "penstock: a verifier of tokens of /test.Fake/Call threw: std::invalid_argument\n");
  EXPECT_EQ(status, MakeStatus(StatusCode::kInternal, "the token could not be verified"));
}

struct Thrower {
  Status Before(Call&) const { throw std::runtime_error("a\nb\x1b[31m" + std::string(300, 'x')); }
};

TEST(Interceptor, WhatItThrowsIsALineASecondWithoutControls) {
  const rpc::Interceptor interceptor{Thrower()};
  FakeShard shard;
  FakeCall call(&shard);
  const auto throw_often = [&] {
    shard.Pass(10 * kNsPerSecond);
    ::testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(interceptor.RunBefore(call).code(), StatusCode::kUnknown);
    }
    return ::testing::internal::GetCapturedStderr();
  };
  const std::string line = "penstock: an interceptor of /test.Fake/Call threw: a?b?[31m" +
                           std::string(120, 'x') + "...";
  EXPECT_EQ(throw_often(), line + "\n");
  EXPECT_EQ(throw_often(), line + " (and 2 more before it)\n");
}

}  // namespace
}  // namespace penstock
