// The version of everything in this tree. A literal, so that it can stand inside others.
#ifndef PENSTOCK_WIRE_VERSION_H_
#define PENSTOCK_WIRE_VERSION_H_

#define PENSTOCK_VERSION "0.1.0"

#endif  // PENSTOCK_WIRE_VERSION_H_
