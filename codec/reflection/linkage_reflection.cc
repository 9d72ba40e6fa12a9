// Asks a message for its descriptor: that of its file is linked, and that of what it imports.
#include "penstock/codec/reflection/generated_types.h"

#include "codec/testing/everything.penstock.h"

int main() {
  return penstock::codec::reflection::TypeOf<penstock::codec::testing::Singular>().fields().empty();
}
