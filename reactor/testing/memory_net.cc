#include "penstock/reactor/testing/memory_net.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket.h"

namespace penstock::reactor {

class MemoryRing final : public Ring {
 public:
  explicit MemoryRing(MemoryNet* net) : net_(*net) {}

  IoMode mode() const override { return net_.mode_; }
  void Wait(TimeNs) override {}
  void Submit() override {}

  // What a callback begins is looked at in the next turn, as with a kernel.
  void Reap() override {
    const size_t count = net_.ends_.size();
    for (size_t i = 0; i < count; ++i) ReapEnd(*net_.ends_[i]);
  }

  void Attach(Socket& socket) override {
    net_.ends_.push_back(std::make_unique<MemoryEnd>());
    net_.ends_.back()->socket_ = &socket;
  }

  void StartConnect(Socket& socket, const Address&) override { EndOf(socket).connecting_ = true; }

  void StartReceive(Socket& socket) override { EndOf(socket).receiving_ = true; }
  void StopReceive(Socket& socket) override { EndOf(socket).receiving_ = false; }

  int StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) override {
    MemoryEnd& end = EndOf(socket);
    if (mode() == IoMode::kUring) {
      end.sending_.assign(pieces.begin(), pieces.end());
      return kInFlight;
    }
    if (end.error_ != 0) return -EPIPE;
    if (end.room_bytes_ > 0) return Take(end, pieces);
    if (!may_wait) return -EAGAIN;
    end.wants_room_ = true;
    return kInFlight;
  }

  bool ShutdownSend(Socket& socket) override {
    EndOf(socket).read_ended_ = true;
    return EndOf(socket).error_ == 0;
  }

  void Close(Socket& socket) override {
    MemoryEnd& end = EndOf(socket);
    end.receiving_ = end.connecting_ = end.wants_room_ = false;
    end.sending_.clear();
    end.closing_ = true;
    if (mode() == IoMode::kEpoll) FinishClose(end);
  }

  void StartAccept(Acceptor& acceptor, int) override { acceptor.OnAcceptEnd(EOPNOTSUPP); }
  void StopAccept(Acceptor& acceptor, int) override { acceptor.OnAcceptStopped(); }

 private:
  MemoryEnd& EndOf(const Socket& socket) {
    const auto found = std::find_if(net_.ends_.rbegin(), net_.ends_.rend(),
                                    [&](const auto& end) { return end->socket_ == &socket; });
    return **found;
  }

  static int Take(MemoryEnd& end, std::span<const wire::Bytes> pieces) {
    size_t taken_bytes = 0;
    for (const wire::Bytes piece : pieces) {
      const wire::Bytes taken = piece.first(end.Room(piece.size()));
      end.read_.append(taken.begin(), taken.end());
      if (end.room_bytes_ != SIZE_MAX) end.room_bytes_ -= taken.size();
      taken_bytes += taken.size();
    }
    return static_cast<int>(taken_bytes);
  }

  // Any callback may close the socket, which clears what is looked at next.
  void ReapEnd(MemoryEnd& end) {
    if (end.closing_) return FinishClose(end);
    if (end.connecting_) {
      end.connecting_ = false;
      end.socket_->CompleteConnect(net_.connect_error_);
    }
    if (!end.sending_.empty()) CompleteSend(end);
    if (end.wants_room_ && (end.room_bytes_ > 0 || end.error_ != 0)) {
      end.wants_room_ = false;
      end.socket_->CompleteWritable();
    }
    Receive(end);
  }

  void CompleteSend(MemoryEnd& end) {
    if (end.error_ == 0 && end.room_bytes_ == 0) return;
    const std::vector<wire::Bytes> pieces = std::exchange(end.sending_, {});
    end.socket_->CompleteSend(end.error_ != 0 ? -EPIPE : Take(end, pieces));
  }

  void Receive(MemoryEnd& end) {
    while (end.receiving_ && !end.written_.empty()) {
      const std::string front = std::move(end.written_.front());
      end.written_.pop_front();
      // At its exact size and gone afterwards, so that AddressSanitizer sees who reads beyond.
      const std::vector<uint8_t> buffer(front.begin(), front.end());
      end.socket_->CompleteReceive(buffer);
    }
    if (!end.receiving_ || !end.written_.empty() || (!end.write_ended_ && end.error_ == 0)) return;
    end.receiving_ = false;
    end.socket_->CompleteReceiveEnd(end.error_);
  }

  static void FinishClose(MemoryEnd& end) {
    end.closing_ = false;
    Socket& socket = *std::exchange(end.socket_, nullptr);
    end.read_ended_ = true;
    if (socket.fd_ >= 0) ::close(socket.fd_);
    socket.CompleteClose();
  }

  MemoryNet& net_;
};

std::unique_ptr<Ring> MemoryNet::MakeRing(const RingContext& context) {
  static_cast<void>(context);
  return std::make_unique<MemoryRing>(this);
}

}  // namespace penstock::reactor
