// Workspace: what the connections of one shard share, so that an idle connection holds none of it.
//
// Ownership: outlives its connections.
// Threading: one shard.
#ifndef PENSTOCK_HTTP2_WORKSPACE_H_
#define PENSTOCK_HTTP2_WORKSPACE_H_

#include <cstdint>
#include <vector>

#include "penstock/http2/block_memo.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/limit.h"
#include "penstock/http2/stream.h"
#include "penstock/wire/object_pool.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::http2 {

struct Workspace {
  explicit Workspace(wire::SlabPool* slab_pool) : slabs(slab_pool) {}

  wire::SlabPool* slabs;
  wire::ObjectPool<Stream> streams;
  BlockMemo blocks;  // the latest is that of the block which was decoded last, on any connection
  std::vector<uint8_t> long_block;  // the latest that came in more than one frame; fields view it
  LimitTrips limit_trips;
  // No connection may open a stream: memory is short.
  bool refuses_streams = false;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_WORKSPACE_H_
