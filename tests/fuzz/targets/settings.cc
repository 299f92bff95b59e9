// What people write or paste by hand: a broker's configuration, the line of an invitation, a key file.
// Input: which of them, the text.
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/config.h"
#include "common/cli/key_file.h"
#include "common/net/keys.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

namespace {

void configuration(std::string_view text) {
  broker::Config config;
  const auto read = broker::read_config(text, "broker.toml", config);
  if (!read) return fuzz::require(read.error().starts_with("broker.toml"));
  // What was accepted can be shown, and is accepted again.
  broker::Config again;
  fuzz::require(broker::read_config(broker::to_toml(config), "shown.toml", again).has_value());
}

void invitation(std::string_view line) {
  const auto read = net::invitation_from(line);
  if (!read) return;
  const auto again = net::invitation_from(net::to_text(*read));
  fuzz::require(again && again->code == read->code && again->port == read->port &&
                again->server_key == read->server_key);
}

// A file without a place on the disk.
void key_file(std::string_view text) {
  static const int file = memfd_create("key file", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (file < 0 || fchmod(file, S_IRUSR | S_IWUSR) != 0 || ftruncate(file, 0) != 0) return;
  if (pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return;
  const auto read = cli::load_key_file(path);
  fuzz::require(read || !read.error().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  switch (fuzz::take_byte(text)) {
    case 'c':
      configuration(text);
      break;
    case 'i':
      invitation(text);
      break;
    case 'k':
      key_file(text);
      break;
    default:
      break;
  }
  return 0;
}
