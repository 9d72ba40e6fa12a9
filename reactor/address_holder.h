// Who listens on an address already: for the sentence that says why we cannot.
//
//     NameHolder(address)   // "process 4711 (nginx)", "this process", or "": it does not show
//
// Of TCP addresses it reads /proc, which shows the processes of the same user, or all of them to
// root; it takes milliseconds, so it is for errors alone.
#ifndef PENSTOCK_REACTOR_ADDRESS_HOLDER_H_
#define PENSTOCK_REACTOR_ADDRESS_HOLDER_H_

#include <string>

#include "penstock/reactor/address.h"

namespace penstock::reactor {

std::string NameHolder(const Address& address);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_ADDRESS_HOLDER_H_
