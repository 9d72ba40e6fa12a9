// Uses messages alone: nothing of a descriptor may be linked.
#include "penstock/wire/bytes.h"

#include "codec/testing/everything.penstock.h"

int main(int argc, char** argv) {
  penstock::codec::testing::Singular message;
  message.mutable_a_point()->set_x(argc);
  return message.ParseFrom(penstock::wire::AsBytes(argv[0])).ok() ? 1 : 0;
}
