// What generated clients (x.client.h) are made of, and what their users need.
#ifndef PENSTOCK_CLIENT_STUB_H_
#define PENSTOCK_CLIENT_STUB_H_

#include "penstock/client/blocking_channel.h"
#include "penstock/client/call_options.h"
#include "penstock/client/channel.h"
#include "penstock/client/options.h"
#include "penstock/client/scope.h"
#include "penstock/client/sharded_channel.h"
#include "penstock/client/streams.h"
#include "penstock/client/unary.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/status_or.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"

#endif  // PENSTOCK_CLIENT_STUB_H_
