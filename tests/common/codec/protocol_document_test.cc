#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"

namespace tally::codec {

TEST_CASE("the protocol's document lists the messages as they are") {
  const char* top = std::getenv("TALLY_SOURCE_DIR");  // NOLINT(concurrency-mt-unsafe): no other thread
  std::ifstream file(std::string(top == nullptr ? "." : top) + "/schemas/README.md");
  std::ostringstream text;
  text << file.rdbuf();
  INFO("schemas/README.md should end with:\n" << protocol_markdown());
  CHECK(text.str().ends_with(protocol_markdown()));
}

}  // namespace tally::codec
