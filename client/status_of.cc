#include "penstock/client/status_of.h"

namespace penstock::client {

StatusCode StatusOfHttp(uint16_t http_status) {
  switch (http_status) {
    case 400:
    case 431:
      return StatusCode::kInternal;
    case 401:
      return StatusCode::kUnauthenticated;
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return StatusCode::kUnavailable;
    default:
      return StatusCode::kUnknown;
  }
}

StatusCode StatusOfReset(http2::ErrorCode code) {
  using http2::ErrorCode;
  switch (code) {
    case ErrorCode::kNoError:
    case ErrorCode::kProtocolError:
    case ErrorCode::kInternalError:
    case ErrorCode::kFlowControlError:
    case ErrorCode::kSettingsTimeout:
    case ErrorCode::kFrameSizeError:
    case ErrorCode::kCompressionError:
    case ErrorCode::kConnectError:
      return StatusCode::kInternal;
    case ErrorCode::kRefusedStream:
      return StatusCode::kUnavailable;
    case ErrorCode::kCancel:
      return StatusCode::kCancelled;
    case ErrorCode::kEnhanceYourCalm:
      return StatusCode::kResourceExhausted;
    case ErrorCode::kInadequateSecurity:
      return StatusCode::kPermissionDenied;
    case ErrorCode::kStreamClosed:
    case ErrorCode::kHttp11Required:
      break;
  }
  return StatusCode::kUnknown;  // the document has nothing for it
}

std::string Named(std::string_view what, http2::ErrorCode code) {
  return std::string(what) + "(" + std::string(http2::ErrorCodeName(code)) + ")";
}

}  // namespace penstock::client
