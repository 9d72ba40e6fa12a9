#include "penstock/client/blocking_channel.h"

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>

#include "penstock/client/channel.h"
#include "penstock/client/scope.h"
#include "penstock/client/unary.h"
#include "penstock/reactor/frame_pool.h"
#include "penstock/rpc/raw_message.h"

namespace penstock::client {
namespace {

// A call between the thread that waits for it and the shard that makes it.
struct HandedCall {
  const UnaryMethod<RawMessage, RawMessage> method;
  const std::string_view request;
  const CallOptions& options;
  Channel& channel;
  reactor::Shard& shard;
  std::string* const reply;

  std::mutex mutex = {};
  std::condition_variable has_ended = {};
  bool ended = false;
  Status status = {};
};

// Begins at once, on the shard; the thread that waits is who joins it.
struct HandedCoroutine {
  struct promise_type : reactor::PooledFrame {
    HandedCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// `handed` lives until `ended` is set under the mutex.
void End(HandedCall& handed, Status status) {
  const std::lock_guard lock(handed.mutex);
  handed.status = std::move(status);
  handed.ended = true;
  handed.has_ended.notify_one();
}

// `handed` outlives it. What it holds is gone before the thread goes on: hence the block.
HandedCoroutine Make(HandedCall& handed) {
  Status status;
  {
    Scope scope(&handed.shard);
    RawMessage request(&scope.arena());
    request.View(handed.request);
    const StatusOr<RawMessage> reply = co_await StartUnary(
        handed.channel.core(), handed.method, scope, request, handed.options);
    status = reply.status();
    if (reply.ok()) handed.reply->assign(reply->text());
  }
  End(handed, std::move(status));
}

}  // namespace

BlockingChannel::BlockingChannel(std::string_view target, const ChannelOptions& options,
                                 const reactor::ShardOptions& shard_options)
    : shard_(shard_options), channel_(std::make_unique<Channel>(&shard_, target, options)) {
  std::string why;
  if (!shard_.Start(&why)) start_failure_ = "the channel's shard cannot run: " + why;
}

BlockingChannel::~BlockingChannel() {
  if (start_failure_.empty()) {
    // The channel is its shard's to close. A letter that is refused finds a shard that has ended.
    (void)shard_.Post(
        [](void* channel, uint64_t) { static_cast<std::unique_ptr<Channel>*>(channel)->reset(); },
        &channel_);
    shard_.Stop();
    shard_.Join();
  }
  channel_.reset();
}

Status BlockingChannel::CallRaw(std::string_view path, std::string_view request,
                                const CallOptions& options, std::string* reply) {
  if (!start_failure_.empty()) return MakeStatus(StatusCode::kUnavailable, start_failure_);
  HandedCall handed{{path}, request, options, *channel_, shard_, reply};
  const bool posted = shard_.Post(
      [](void* context, uint64_t) { Make(*static_cast<HandedCall*>(context)); }, &handed);
  if (!posted) {
    return MakeStatus(StatusCode::kResourceExhausted,
                      "mailbox_letters_max calls wait for the channel's shard already");
  }
  std::unique_lock lock(handed.mutex);
  handed.has_ended.wait(lock, [&handed] { return handed.ended; });
  return std::move(handed.status);
}

}  // namespace penstock::client
