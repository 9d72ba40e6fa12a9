// What the runner, which was built on a newer system, misses on Debian 12: loaded before it, these
// stand in. runner.py says how.
#include <cstdlib>
#include <iostream>  // its static object sets up std::cout, as GCC 13's library does by itself

extern "C" {

long __isoc23_strtol(const char* text, char** end, int base) {
  return std::strtol(text, end, base);
}
unsigned long __isoc23_strtoul(const char* text, char** end, int base) {
  return std::strtoul(text, end, base);
}
long long __isoc23_strtoll(const char* text, char** end, int base) {
  return std::strtoll(text, end, base);
}
unsigned long long __isoc23_strtoull(const char* text, char** end, int base) {
  return std::strtoull(text, end, base);
}
void _ZSt21ios_base_library_initv() {}

}  // extern "C"
