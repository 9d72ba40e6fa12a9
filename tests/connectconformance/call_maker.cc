#include "tests/connectconformance/call_maker.h"

#include <string>
#include <string_view>
#include <utility>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/status_details.h"
#include "penstock/wire/bytes.h"

#include "tests/connectconformance/headers.h"

namespace penstock::connectconformance {
namespace {

namespace pb = connectrpc::conformance::v1;

using Cancel = pb::ClientCompatRequest_Cancel;

constexpr std::string_view kService = "connectrpc.conformance.v1.ConformanceService";
constexpr UnaryMethod<pb::UnaryRequest, pb::UnaryResponse> kUnary = {
    "/connectrpc.conformance.v1.ConformanceService/Unary"};
// No server has it.
constexpr UnaryMethod<pb::UnimplementedRequest, pb::UnaryResponse> kUnimplemented = {
    "/connectrpc.conformance.v1.ConformanceService/Unimplemented"};

std::string TargetOf(const pb::ClientCompatRequest& wanted) {
  return std::string(wanted.host()) + ":" + std::to_string(wanted.port());
}

client::ChannelOptions OptionsOf(const pb::ClientCompatRequest& wanted,
                                 std::optional<wire::CertificateFolder>* folder) {
  client::ChannelOptions options;
  if (!wanted.server_tls_cert().empty()) options.tls = TlsOf(wanted, folder->emplace());
  // So that even the shortest message is compressed, where that makes it no longer.
  options.compressed_bytes_min = 0;
  if (wanted.message_receive_limit() != 0) {
    options.message_bytes_max = wanted.message_receive_limit();
  }
  return options;
}

// "": not one of ours.
std::string_view NameOf(pb::Compression compression) {
  switch (compression) {
    case pb::COMPRESSION_UNSPECIFIED:
    case pb::COMPRESSION_IDENTITY:
      return "identity";
    case pb::COMPRESSION_GZIP:
      return "gzip";
    case pb::COMPRESSION_ZSTD:
      return "zstd";
    case pb::COMPRESSION_DEFLATE:
      return "deflate";
    default:
      return "";
  }
}

Status Unusable(std::string_view what) { return MakeStatus(StatusCode::kInvalidArgument, what); }

}  // namespace

CallMaker::CallMaker(const pb::ClientCompatRequest* wanted, reactor::Shard* shard)
    : wanted_(*wanted),
      channel_(shard, TargetOf(*wanted), OptionsOf(*wanted, &folder_)),
      service_(&channel_),
      scope_(shard) {}

Task<Status> CallMaker::Make() {
  co_await Try(Prepare());
  switch (wanted_.stream_type()) {
    case pb::STREAM_TYPE_UNARY:
      if (wanted_.method() == "Unimplemented") co_return co_await MakeUnary(kUnimplemented);
      if (wanted_.method() == "Unary") co_return co_await MakeUnary(kUnary);
      co_return Unusable("a unary method that is neither Unary nor Unimplemented");
    case pb::STREAM_TYPE_CLIENT_STREAM:
      co_return co_await MakeClientStream();
    case pb::STREAM_TYPE_SERVER_STREAM:
      co_return co_await MakeServerStream();
    case pb::STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM:
    case pb::STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM:
      co_return co_await MakeBidiStream();
    default:
      co_return Unusable("an unknown stream type");
  }
}

Status CallMaker::Prepare() {
  if (wanted_.service() != kService) return Unusable("another service");
  if (wanted_.has_timeout_ms()) options_.SetTimeout(wanted_.timeout_ms() * kNsPerMs);
  const std::string_view compression = NameOf(wanted_.compression());
  if (compression.empty()) return Unusable("a compression that is not offered");
  options_.SetCompression(compression);
  return AddEach(wanted_.request_headers(), [this](std::string_view key, std::string_view value) {
    return options_.AddMetadata(key, value);
  });
}

// --- Calls of the four kinds

template <typename Request>
Task<Status> CallMaker::MakeUnary(const UnaryMethod<Request, pb::UnaryResponse>& method) {
  const Request request = co_await Try(RequestOf<Request>(0));
  auto call = client::StartUnary(channel_.core(), method, scope_, request, options_);
  if (const std::optional<TimeNs> wait_ns = cancel_after_ns()) {
    co_await Try(co_await Sleep(scope_, *wait_ns));
    scope_.Cancel();
  }
  const StatusOr<pb::UnaryResponse> reply = co_await call;
  if (reply.ok()) *result_.add_payloads() = reply->payload();
  NoteEnd(call, reply.status());
  co_return OkStatus();
}

Task<Status> CallMaker::MakeClientStream() {
  auto upload = service_.ClientStream(scope_, options_);
  for (int i = 0; i < wanted_.request_messages_size(); ++i) {
    const auto request = co_await Try(RequestOf<pb::ClientStreamRequest>(i));
    co_await Try(co_await Sleep(scope_, wanted_.request_delay_ms() * kNsPerMs));
    const Status written = co_await upload.Write(request);
    if (written.ok()) continue;
    result_.set_num_unsent_requests(wanted_.request_messages_size() - i);
    break;
  }
  if (cancels_before_close()) upload.Cancel();
  auto finish = upload.Finish();
  if (const std::optional<TimeNs> wait_ns = cancel_after_ns()) {
    co_await Try(co_await Sleep(scope_, *wait_ns));
    upload.Cancel();
  }
  const StatusOr<pb::ClientStreamResponse> reply = co_await finish;
  if (reply.ok()) *result_.add_payloads() = reply->payload();
  NoteEnd(upload, reply.status());
  co_return OkStatus();
}

Task<Status> CallMaker::MakeServerStream() {
  const auto request = co_await Try(RequestOf<pb::ServerStreamRequest>(0));
  auto download = service_.ServerStream(scope_, request, options_);
  if (const std::optional<TimeNs> wait_ns = cancel_after_ns()) {
    co_await Try(co_await Sleep(scope_, *wait_ns));
    download.Cancel();
  }
  const Status status = co_await ReadRest(download);
  NoteEnd(download, status);
  co_return OkStatus();
}

Task<Status> CallMaker::MakeBidiStream() {
  auto calls = service_.BidiStream(scope_, options_);
  co_await Try(co_await WriteAll(calls));
  if (cancels_before_close()) calls.Cancel();
  calls.CloseWrites();
  if (const std::optional<TimeNs> wait_ns = cancel_after_ns()) {
    co_await Try(co_await Sleep(scope_, *wait_ns));
    calls.Cancel();
  }
  const Status status = co_await ReadRest(calls);
  NoteEnd(calls, status);
  co_return OkStatus();
}

// With a response after each, where both ways go at once. What ended the call early is the next
// read's to say.
template <typename Calls>
Task<Status> CallMaker::WriteAll(Calls& calls) {
  const bool full_duplex = wanted_.stream_type() == pb::STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM;
  for (int i = 0; i < wanted_.request_messages_size(); ++i) {
    const auto request = co_await Try(RequestOf<pb::BidiStreamRequest>(i));
    co_await Try(co_await Sleep(scope_, wanted_.request_delay_ms() * kNsPerMs));
    const Status written = co_await calls.Write(request);
    if (!written.ok()) {
      result_.set_num_unsent_requests(wanted_.request_messages_size() - i);
      break;
    }
    if (!full_duplex) continue;
    const StatusOr<bool> came = co_await ReadOne(calls);
    if (came.ok() && *came) continue;
    result_.set_num_unsent_requests(wanted_.request_messages_size() - i - 1);
    break;
  }
  co_return OkStatus();
}

template <typename Calls>
Task<StatusOr<bool>> CallMaker::ReadOne(Calls& calls) {
  const auto* response = co_await Try(co_await calls.Next());
  if (response == nullptr) co_return false;
  *result_.add_payloads() = response->payload();
  ++responses_count_;
  const Cancel& cancel = wanted_.cancel();
  if (cancel.has_after_num_responses() && cancel.after_num_responses() == responses_count_) {
    calls.Cancel();
  }
  co_return true;
}

template <typename Calls>
Task<Status> CallMaker::ReadRest(Calls& calls) {
  // As the condition of a loop without a body, GCC 12 makes a trap of these awaits.
  bool came = true;
  while (came) came = co_await Try(co_await ReadOne(calls));
  co_return OkStatus();
}

// --- What is wanted, and what became of it

template <typename Request>
StatusOr<Request> CallMaker::RequestOf(int index) const {
  if (index >= wanted_.request_messages_size()) return Unusable("a request is missing");
  const google::protobuf::Any& any = wanted_.request_messages(index);
  const std::string_view url = any.type_url();
  if (url.substr(url.rfind('/') + 1) != Request::kFullName) {
    return Unusable("a request of another type: " + std::string(url));
  }
  Request request;
  if (!request.ParseFrom(wire::AsBytes(any.value())).ok()) {
    return Unusable("a request that cannot be parsed");
  }
  return request;
}

bool CallMaker::cancels_before_close() const { return wanted_.cancel().has_before_close_send(); }

std::optional<TimeNs> CallMaker::cancel_after_ns() const {
  const Cancel& cancel = wanted_.cancel();
  if (!wanted_.has_cancel() || cancel.has_before_close_send() ||
      cancel.has_after_num_responses()) {
    return std::nullopt;
  }
  return cancel.after_close_send_ms() * kNsPerMs;
}

template <typename Ended>
void CallMaker::NoteEnd(const Ended& ended, const Status& status) {
  for (const pb::Header& header : HeadersOf(ended.initial_metadata())) {
    *result_.add_response_headers() = header;
  }
  for (const pb::Header& header : HeadersOf(ended.trailing_metadata())) {
    *result_.add_response_trailers() = header;
  }
  if (status.ok()) return;
  pb::Error& error = *result_.mutable_error();
  error.set_code(static_cast<int32_t>(status.code()));
  error.set_message(MessageOf(status));
  for (const StatusDetail& detail : DetailsOf(status)) {
    google::protobuf::Any& any = *error.add_details();
    any.set_type_url(detail.type_url);
    any.set_value(detail.value);
  }
}

}  // namespace penstock::connectconformance
