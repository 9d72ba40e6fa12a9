#include "penstock/http2/settings.h"

#include <string>

#include "gtest/gtest.h"

#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

struct Case {
  const char* name;
  SettingId id;
  uint32_t value;
  ErrorCode want;
};

const Case kCases[] = {
    {"table 0", SettingId::kHeaderTableSize, 0, ErrorCode::kNoError},
    {"table 2^32-1", SettingId::kHeaderTableSize, 0xffff'ffff, ErrorCode::kNoError},
    {"push 0", SettingId::kEnablePush, 0, ErrorCode::kNoError},
    {"push 1", SettingId::kEnablePush, 1, ErrorCode::kNoError},
    {"push 2", SettingId::kEnablePush, 2, ErrorCode::kProtocolError},
    {"streams 0", SettingId::kMaxConcurrentStreams, 0, ErrorCode::kNoError},
    {"window 2^31-1", SettingId::kInitialWindowSize, 0x7fff'ffff, ErrorCode::kNoError},
    {"window 2^31", SettingId::kInitialWindowSize, 0x8000'0000, ErrorCode::kFlowControlError},
    {"frame 0", SettingId::kMaxFrameSize, 0, ErrorCode::kProtocolError},
    {"frame 2^14-1", SettingId::kMaxFrameSize, 16'383, ErrorCode::kProtocolError},
    {"frame 2^14", SettingId::kMaxFrameSize, 16'384, ErrorCode::kNoError},
    {"frame 2^24-1", SettingId::kMaxFrameSize, 16'777'215, ErrorCode::kNoError},
    {"frame 2^24", SettingId::kMaxFrameSize, 16'777'216, ErrorCode::kProtocolError},
    {"list 1", SettingId::kMaxHeaderListSize, 1, ErrorCode::kNoError},
    {"priorities 0", SettingId::kNoRfc7540Priorities, 0, ErrorCode::kNoError},
    {"priorities 1", SettingId::kNoRfc7540Priorities, 1, ErrorCode::kNoError},
    {"priorities 2", SettingId::kNoRfc7540Priorities, 2, ErrorCode::kProtocolError},
    {"an unknown id", SettingId{0x4242}, 0xffff'ffff, ErrorCode::kNoError},
};

TEST(Settings, ValuesAreBounded) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Settings settings;
    const Error error = ApplySetting(static_cast<uint16_t>(c.id), c.value, &settings);
    EXPECT_EQ(error.code, c.want);
    EXPECT_EQ(static_cast<bool>(error), c.want != ErrorCode::kNoError);
    if (error) EXPECT_EQ(error.scope, ErrorScope::kConnection);
  }
}

TEST(Settings, OnlyWhatDiffersIsEncodedAndComesBack) {
  Settings wanted;
  wanted.header_table_bytes = 0;
  wanted.push_enabled = false;
  wanted.concurrent_streams_max = 7;
  wanted.initial_window_bytes = 1 << 20;
  wanted.frame_payload_bytes_max = 20'000;
  wanted.header_list_bytes_max = 8192;
  wanted.no_rfc7540_priorities = true;
  uint8_t octets[kSettingsPayloadBytesMax];
  EXPECT_EQ(EncodeSettings(octets, wanted, wanted), octets);
  const uint8_t* const end = EncodeSettings(octets, wanted, Settings{});
  ASSERT_EQ(end, octets + sizeof octets);
  Settings got;
  for (const uint8_t* p = octets; p < end; p += kSettingBytes) {
    EXPECT_FALSE(ApplySetting(wire::LoadBig16(p), wire::LoadBig32(p + 2), &got));
  }
  EXPECT_EQ(got.header_table_bytes, 0u);
  EXPECT_FALSE(got.push_enabled);
  EXPECT_EQ(got.concurrent_streams_max, 7u);
  EXPECT_EQ(got.initial_window_bytes, 1u << 20);
  EXPECT_EQ(got.frame_payload_bytes_max, 20'000u);
  EXPECT_EQ(got.header_list_bytes_max, 8192u);
  EXPECT_TRUE(got.no_rfc7540_priorities);
}

}  // namespace
}  // namespace penstock::http2
