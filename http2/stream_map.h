// StreamMap: the streams of a connection by id.
//
// Ids of one connection rise by two, so that taking them as they come spreads the live ones evenly:
// chained buckets, no hash. (Open addressing would turn the sequential ids into one long run.)
//
// Ownership: does not own the streams.
#ifndef PENSTOCK_HTTP2_STREAM_MAP_H_
#define PENSTOCK_HTTP2_STREAM_MAP_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/http2/stream.h"

namespace penstock::http2 {

class StreamMap {
 public:
  size_t size() const { return count_; }

  Stream* Find(uint32_t id) const {
    if (bucket_count_ == 0) return nullptr;
    for (Stream* s = buckets_[BucketOf(id)]; s != nullptr; s = s->bucket_next) {
      if (s->id == id) return s;
    }
    return nullptr;
  }

  void Insert(Stream* stream) {
    if (count_ == bucket_count_) Grow();
    Stream*& bucket = buckets_[BucketOf(stream->id)];
    stream->bucket_next = bucket;
    bucket = stream;
    ++count_;
  }

  void Remove(Stream* stream) {
    Stream** link = &buckets_[BucketOf(stream->id)];
    while (*link != stream) link = &(*link)->bucket_next;
    *link = stream->bucket_next;
    --count_;
  }

  // Calls fn(Stream&) for each; fn may remove the stream it is given, and no other.
  template <typename Function>
  void ForEach(Function&& fn) {
    for (size_t bucket = 0; bucket < bucket_count_; ++bucket) {
      for (Stream* s = buckets_[bucket]; s != nullptr;) {
        Stream* next = s->bucket_next;
        fn(*s);
        s = next;
      }
    }
  }

 private:
  static constexpr size_t kBucketCountMin = 16;

  // Client ids are odd and server ids even: the lowest bit tells nothing.
  size_t BucketOf(uint32_t id) const { return (id >> 1) & (bucket_count_ - 1); }

  void Grow() {
    const size_t old_count = bucket_count_;
    std::unique_ptr<Stream*[]> old = std::move(buckets_);
    bucket_count_ = old_count == 0 ? kBucketCountMin : 2 * old_count;
    buckets_ = std::make_unique<Stream*[]>(bucket_count_);
    for (size_t bucket = 0; bucket < old_count; ++bucket) {
      for (Stream* s = old[bucket]; s != nullptr;) {
        Stream* next = s->bucket_next;
        s->bucket_next = buckets_[BucketOf(s->id)];
        buckets_[BucketOf(s->id)] = s;
        s = next;
      }
    }
  }

  std::unique_ptr<Stream*[]> buckets_;
  size_t bucket_count_ = 0;  // a power of two, or 0 before the first stream
  size_t count_ = 0;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_STREAM_MAP_H_
