#include "penstock/loadtest/tally.h"

#include <charconv>
#include <utility>

namespace penstock::loadtest {

uint8_t ParseStatus(std::string_view text) {
  unsigned value = kUnknown;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool known =
      error == std::errc() && end == text.data() + text.size() && value < kStatusCount;
  return known ? static_cast<uint8_t>(value) : uint8_t{kUnknown};
}

uint8_t StatusOfHttp(int http_status) {
  switch (http_status) {
    case 400:
      return kInternal;
    case 401:
      return kUnauthenticated;
    case 403:
      return kPermissionDenied;
    case 404:
      return kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return kUnavailable;
    default:
      return kUnknown;
  }
}

uint8_t StatusOfReset(http2::ErrorCode code) {
  switch (code) {
    case http2::ErrorCode::kRefusedStream:
      return kUnavailable;
    case http2::ErrorCode::kCancel:
      return kCancelled;
    case http2::ErrorCode::kEnhanceYourCalm:
      return kResourceExhausted;
    case http2::ErrorCode::kInadequateSecurity:
      return kPermissionDenied;
    default:
      return kInternal;
  }
}

void Tally::RecordError(uint8_t status, std::string_view message) {
  StatusLine& line = errors_[status];
  if (line.count == 0) line.first_message = message;
  ++line.count;
  ++error_count_;
}

void Tally::Merge(const Tally& other) {
  latency_.Merge(other.latency_);
  response_.Merge(other.response_);
  ok_count_ += other.ok_count_;
  error_count_ += other.error_count_;
  for (size_t status = 0; status < kStatusCount; ++status) {
    StatusLine& line = errors_[status];
    if (line.count == 0) line.first_message = other.errors_[status].first_message;
    line.count += other.errors_[status].count;
  }
}

void Tally::Restore(Histogram latency, Histogram response,
                    std::array<StatusLine, kStatusCount> errors) {
  latency_ = std::move(latency);
  response_ = std::move(response);
  errors_ = std::move(errors);
  ok_count_ = latency_.count();
  error_count_ = 0;
  for (const StatusLine& line : errors_) error_count_ += line.count;
}

void Tally::Clear() {
  latency_.Clear();
  response_.Clear();
  ok_count_ = 0;
  error_count_ = 0;
  errors_ = {};
}

}  // namespace penstock::loadtest
