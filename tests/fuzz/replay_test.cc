// The fuzz targets without a fuzzer: each over its corpus, and over what chance makes of it. scripts/fuzz looks for new
// inputs; this keeps what was found once from coming back.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Target = int(const std::uint8_t* data, std::size_t size);
extern "C" Target fuzz_frames, fuzz_requests, fuzz_replies, fuzz_journal, fuzz_project_file, fuzz_items_file,
    fuzz_settings;

namespace {

const std::map<std::string, Target*> targets{
    {"frames", fuzz_frames},
    {"requests", fuzz_requests},
    {"replies", fuzz_replies},
    {"journal", fuzz_journal},
    {"settings", fuzz_settings},
    {"items_file", fuzz_items_file},
    {"project_file", fuzz_project_file},
};

std::filesystem::path tree() {
  const char* root = std::getenv("TALLY_SOURCE_DIR");
  return root == nullptr ? "." : root;
}

std::vector<std::string> corpus_of(const std::string& target) {
  std::set<std::filesystem::path> files;  // In order, so that a seed means the same everywhere.
  for (const auto& entry : std::filesystem::directory_iterator(tree() / "tests/fuzz/corpus" / target)) {
    files.insert(entry.path());
  }
  std::vector<std::string> inputs;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void play(Target* target, const std::string& input) {
  REQUIRE(target(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
}

// A few bytes changed, taken away, repeated, or put in from another input.
class Mutator {
 public:
  Mutator(std::vector<std::string> inputs, unsigned seed) : inputs_(std::move(inputs)), dice_(seed) {}

  std::string next() {
    std::string input = inputs_[below(inputs_.size())];
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(input);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(dice_); }

  void change(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    switch (below(4)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(below(256));
        break;
      case 1:
        input.erase(at, below(8));
        break;
      case 2:
        input.insert(at, input.substr(at, below(16)));
        break;
      default: {
        const std::string& other = inputs_[below(inputs_.size())];
        input.insert(at, other.substr(below(other.size() + 1), below(32)));
      }
    }
  }

  std::vector<std::string> inputs_;
  std::mt19937 dice_;
};

}  // namespace

TEST_CASE("every fuzz target takes its corpus, and thousands of inputs near to it, without a finding", "[fault-8]") {
  constexpr int mutations = 30'000;
  const auto& [name, target] = GENERATE(from_range(targets));
  const unsigned seed = Catch::rngSeed();
  INFO(name << " with --rng-seed " << seed);
  const std::vector<std::string> corpus = corpus_of(name);
  REQUIRE_FALSE(corpus.empty());
  for (const std::string& input : corpus) play(target, input);
  play(target, "");
  Mutator mutator(corpus, seed);
  for (int i = 0; i < mutations; ++i) play(target, mutator.next());
}

TEST_CASE("every fuzz target is among those that are played") {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(tree() / "tests/fuzz/targets")) {
    if (entry.path().extension() == ".cc") files.insert(entry.path().stem());
  }
  std::set<std::string> played;
  for (const auto& [name, target] : targets) played.insert(name);
  CHECK(files == played);
}
