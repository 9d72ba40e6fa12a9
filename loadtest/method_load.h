// MethodLoad: what one generator needs of one method of its load: the request, and those of its
// calls that have a deadline.
//
// Ownership: the generator's, at a place that stays; the Request outlives it.
#ifndef PENSTOCK_LOADTEST_METHOD_LOAD_H_
#define PENSTOCK_LOADTEST_METHOD_LOAD_H_

#include <cstddef>
#include <memory>
#include <string>

#include "penstock/loadtest/call_kind.h"
#include "penstock/loadtest/generator_measured.h"
#include "penstock/loadtest/message_template.h"
#include "penstock/loadtest/options.h"
#include "penstock/loadtest/request.h"
#include "penstock/loadtest/session.h"
#include "penstock/loadtest/units.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest {

struct MethodLoad {
  // The `index`-th method of the load; `measured` is its account.
  MethodLoad(const Request* its_request, size_t its_index, MethodTally* its_measured)
      : request(*its_request),
        options(its_request->method()),
        index(its_index),
        deadline_ns(options.deadline_ns),
        deadline_message("no answer within the deadline of " + FormatSpan(deadline_ns)),
        template_writer(TemplateWriter::Of(options.message_template.get())),
        sends_plain(options.kind == CallKind::kUnary && template_writer == nullptr),
        measured(*its_measured) {}
  MethodLoad(const MethodLoad&) = delete;
  MethodLoad& operator=(const MethodLoad&) = delete;

  // The next message behind its prefix, until this is asked again.
  wire::Bytes NextMessage() {
    return PENSTOCK_LIKELY(template_writer == nullptr) ? request.data() : template_writer->Next();
  }

  const Request& request;
  const MethodOptions& options;
  const size_t index;
  const TimeNs deadline_ns;  // 0: none
  const std::string deadline_message;
  const std::unique_ptr<TemplateWriter> template_writer;  // null: all messages are the same
  const bool sends_plain;  // one message for each call, always that of the request
  // The oldest first: all have the same time, so they expire in the order in which they began. The
  // generator has those that were sent again.
  reactor::List<Call, struct DeadlineTag> deadlines;
  MethodTally& measured;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_METHOD_LOAD_H_
