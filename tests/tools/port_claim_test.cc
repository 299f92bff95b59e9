#include "tools/stack/port_claim.h"

#include <array>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace tally::stack {

TEST_CASE("two programs that look for a port at the same place find different ones, though nobody listens yet") {
  const PortClaim before;  // From here on both count from the same number.
  std::array<int, 2> said{}, over{};
  REQUIRE(pipe(said.data()) == 0);
  REQUIRE(pipe(over.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(over[1]);
    const PortClaim claim;
    const int port = claim.port();
    char end = 0;
    const bool told = write(said[1], &port, sizeof port) == sizeof port && read(over[0], &end, 1) == 0;
    _exit(told ? 0 : 1);
  }
  REQUIRE(child > 0);
  close(over[0]);
  int others = 0;
  CHECK(read(said[0], &others, sizeof others) == sizeof others);
  const PortClaim claim;
  CHECK(claim.port() != others);
  CHECK(claim.port() != before.port());
  close(over[1]);
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  close(said[0]);
  close(said[1]);
}

}  // namespace tally::stack
