#include "broker/config.h"

#include <catch2/catch.hpp>

namespace tally::broker {
namespace {

std::string error_of(const std::string& text) {
  Config config;
  const auto read = read_config(text, "tally.toml", config);
  return read ? "" : read.error();
}

}  // namespace

TEST_CASE("a configuration file sets what it names, and nothing else") {
  Config config;
  REQUIRE(read_config("[server]\nport = 0\n[limits]\nfee_ppm = 100000\n[times]\nwait_max = \"5s\"\n", "tally.toml",
                      config));
  CHECK(config.port == 0);
  CHECK(config.core.fee_ppm == 100'000);
  CHECK(config.core.wait_max == Duration{5'000});
  CHECK(config.enrolment_port == Config().enrolment_port);
}

TEST_CASE("the configuration as it is shown can be read again, and says the same") {
  Config config;
  config.host = "::1";
  config.core.part_size = 17;
  config.lease = Duration{90'000};
  config.unsafe_fast = true;
  Config again;
  const auto read = read_config(to_toml(config), "shown", again);
  INFO((read ? "" : read.error()));
  REQUIRE(read);
  CHECK(to_toml(again) == to_toml(config));
  for (const char* line :
       {"# of the main socket; 0: the system picks one (0 to 65535)\nport = 7700\n",
        "# memory for items near being handed out (0 or more)\nitem_cache_bytes = ", "(2s to 1d)\nlease = '90s'\n"}) {
    INFO(line);
    CHECK(to_toml(config).find(line) != std::string::npos);
  }
}

TEST_CASE("a mistake in the configuration is named with its line and with what to do") {
  CHECK(error_of("[server]\nprot = 1\n") == "tally.toml:2: unknown key 'prot' in [server]; did you mean 'port'?");
  CHECK(error_of("[serve]\n") == "tally.toml:1: unknown key 'serve'; did you mean 'server'?");
  CHECK(error_of("[server]\nport = 70000\n") == "tally.toml:2: port must be a whole number from 0 to 65535");
  CHECK(error_of("[server]\nport = \"7\"\n") == "tally.toml:2: port must be a whole number from 0 to 65535");
  CHECK(error_of("[times]\nlease = \"1s\"\n").find("tally.toml:2: lease must lie between 2s and") == 0);
  CHECK(error_of("[times]\nlease = 5\n").find("tally.toml:2: lease must be a length of time") == 0);
  CHECK(error_of("[server]\nlog_level = \"loud\"\n") ==
        "tally.toml:2: log_level must be one of: debug, info, warn, error");
  CHECK(error_of("[server\n").find("tally.toml:1: ") == 0);
}

TEST_CASE("a password is not shown") {
  Config config;
  config.database = "host=db user=tally password=secret dbname=tally";
  CHECK(to_toml(config).find("secret") == std::string::npos);
  config.database = "postgresql://tally:secret@db/tally";
  CHECK(to_toml(config).find("secret") == std::string::npos);
}

}  // namespace tally::broker
