// Runs a fuzz function without libFuzzer, so that every build with every compiler replays its
// corpus: first the empty input, then each file named on the command line, then a fixed number of
// seeded mutations of each. A crash names the input on stderr before it happens.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kMutationsPerInput = 300;
constexpr int kEditsPerMutationMax = 4;

// Copied to the heap at its exact size, so that a sanitizer sees a read past its end.
void RunOne(const std::vector<uint8_t>& input) {
  uint8_t* exact = new uint8_t[input.size()];
  for (size_t i = 0; i < input.size(); ++i) exact[i] = input[i];
  LLVMFuzzerTestOneInput(exact, input.size());
  delete[] exact;
}

std::vector<uint8_t> Mutated(std::vector<uint8_t> bytes, std::mt19937& random) {
  const int edits = 1 + static_cast<int>(random() % kEditsPerMutationMax);
  for (int i = 0; i < edits; ++i) {
    const size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 4) {
      case 0:
        if (!bytes.empty()) bytes[at] ^= static_cast<uint8_t>(1u << (random() % 8));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<uint8_t>(random());
        break;
      case 2:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     static_cast<uint8_t>(random()));
        break;
      case 3:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

void RunWithMutations(const std::string& name, const std::vector<uint8_t>& input) {
  std::fprintf(stderr, "replaying %s (%zu bytes)\n", name.c_str(), input.size());
  RunOne(input);
  std::mt19937 random(20240229);  // the same bytes in every run
  for (int i = 0; i < kMutationsPerInput; ++i) RunOne(Mutated(input, random));
}

}  // namespace

int main(int argc, char** argv) {
  RunWithMutations("the empty input", {});
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot open the corpus file %s\n", argv[i]);
      return 1;
    }
    RunWithMutations(argv[i], {std::istreambuf_iterator<char>(file), {}});
  }
  std::fprintf(stderr, "replayed %d corpus files, %d mutations each\n", argc - 1,
               kMutationsPerInput);
  return 0;
}
