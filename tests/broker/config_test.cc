#include "broker/config.h"

#include <catch2/catch.hpp>

#include "schemas/qualification_name.h"

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

TEST_CASE("rules that grant a qualification are read, with what is usual where they do not say, and shown again") {
  Config config;
  REQUIRE(
      read_config("[[qualification_rule]]\nname = \"trusted\"\n[[qualification_rule]]\nname = \"ex-pert_2\"\njudged "
                  "= 1000\nagreement = 0.975\n[[qualification_rule]]\nname = \"a\"\nagreement = 1\n[limits]\n"
                  "fee_ppm = 0\n",
                  "tally.toml", config));
  const auto& rules = config.core.qualification_rules;
  REQUIRE(rules.size() == 3);
  CHECK(rules[0].name == "trusted");
  CHECK(rules[0].judged_min == 100);
  CHECK(rules[0].agreement_ppm == 900'000);
  CHECK(rules[1].name == "ex-pert_2");
  CHECK(rules[1].judged_min == 1'000);
  CHECK(rules[1].agreement_ppm == 975'000);
  CHECK(rules[2].agreement_ppm == 1'000'000);
  CHECK(config.core.fee_ppm == 0);

  Config again;
  REQUIRE(read_config(to_toml(config), "shown", again));
  CHECK(to_toml(again) == to_toml(config));
  CHECK(again.core.qualification_rules.size() == 3);
  // What stands there as an example is none.
  CHECK(to_toml(Config()).find("# [[qualification_rule]]\n# name = 'trusted'\n") != std::string::npos);
  Config none;
  REQUIRE(read_config(to_toml(Config()), "shown", none));
  CHECK(none.core.qualification_rules.empty());
}

TEST_CASE("a rule that cannot be meant is named with its line and what to do") {
  const auto error_of_rule = [](const std::string& lines) { return error_of("[[qualification_rule]]\n" + lines); };
  CHECK(error_of_rule("judged = 5\n") == "tally.toml:1: name is missing in [[qualification_rule]]");
  for (const std::string& name :
       std::vector<std::string>{"", "Trusted", "2nd", "-a", "a b", "\u00e4", std::string(41, 'a')}) {
    INFO(name);
    CHECK(error_of_rule("name = \"" + name + "\"\n") ==
          "tally.toml:2: name is not one: " + std::string(qualification_name_rule));
  }
  CHECK(error_of_rule("name = \"" + std::string(40, 'a') + "\"\n").empty());
  CHECK(error_of_rule("name = 5\n") == "tally.toml:2: name must be text in quotes");
  for (const std::string judged : {"0", "-1", "1000000001", "1.5", "\"5\""}) {
    INFO(judged);
    CHECK(error_of_rule("name = \"a\"\njudged = " + judged + "\n") ==
          "tally.toml:3: judged must be a whole number from 1 to 1000000000");
  }
  for (const std::string agreement : {"-0.1", "1.01", "90", "nan", "inf", "\"0.9\"", "true"}) {
    INFO(agreement);
    CHECK(error_of_rule("name = \"a\"\nagreement = " + agreement + "\n") ==
          "tally.toml:3: agreement must be a share from 0.0 to 1.0, such as 0.9");
  }
  CHECK(error_of_rule("name = \"a\"\njuged = 5\n") ==
        "tally.toml:3: unknown key 'juged' in [[qualification_rule]]; did you mean 'judged'?");
  CHECK(error_of_rule("name = \"a\"\n[[qualification_rule]]\nname = \"a\"\n") ==
        "tally.toml:4: name 'a' has a rule already, in line 1");
  CHECK(error_of("[qualification_rule]\nname = \"a\"\n") ==
        "tally.toml:1: a rule begins with [[qualification_rule]], in two brackets");
  CHECK(error_of("[[qualification_rules]]\nname = \"a\"\n") ==
        "tally.toml:1: unknown key 'qualification_rules'; did you mean 'qualification_rule'?");
  std::string many;
  for (int i = 0; i < 21; ++i) many += "[[qualification_rule]]\nname = \"a" + std::to_string(i) + "\"\n";
  CHECK(error_of(many) == "tally.toml:41: there are at most 20 [[qualification_rule]]");
}

TEST_CASE("a password is not shown") {
  Config config;
  config.database = "host=db user=tally password=secret dbname=tally";
  CHECK(to_toml(config).find("secret") == std::string::npos);
  config.database = "postgresql://tally:secret@db/tally";
  CHECK(to_toml(config).find("secret") == std::string::npos);
}

}  // namespace tally::broker
