#pragma once

#include <string>

namespace tally {

// Binary content: no text, so neither UTF-8 nor shown. Travels as MessagePack bin; in JSON as hex.
struct Bytes {
  std::string value;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

}  // namespace tally
