#include "common/codec/messages_codec.h"

#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <catch2/catch.hpp>

#include "common/codec/records_codec.h"

namespace tally::codec {
namespace {

constexpr Limits limits;

template <class... T>
std::vector<std::variant<T...>> one_of_each(std::type_identity<std::variant<T...>>) {
  return {std::variant<T...>(T{})...};
}

Pull sample_pull() {
  Pull pull;
  pull.project = ProjectId{17};
  pull.count = 3;
  pull.items = {1, 2, 1'000'000};
  pull.wait_ms = 250;
  return pull;
}

Submit sample_submit() {
  Submit submit;
  submit.answers = {{{part_of(ProjectId{17}, 1), 9}, {{"bird", {"bunting"}}, {"seen", {"a", "b"}}}},
                    {{part_of(ProjectId{17}, 2), 1}, {{"note", {"Größe ≥ 3"}}}}};
  submit.next = 2;
  return submit;
}

std::string with_number(const Request& request, const std::string& bytes) {
  const auto decoded = decode_request(number_of(request), bytes, limits);
  return decoded ? encode_body(*decoded) : decoded.error().detail;
}

}  // namespace

TEST_CASE("every message says the same after it was sent, and no number is used twice") {
  std::set<int> numbers;
  for (const Request& request : one_of_each(std::type_identity<Request>{})) {
    INFO(name_of_message(request));
    CHECK(numbers.insert(number_of(request)).second);
    const std::string bytes = encode_body(request);
    // A message whose ids are zero is none: those are checked with real ones below.
    const auto decoded = decode_request(number_of(request), bytes, limits);
    if (decoded) CHECK(encode_body(*decoded) == bytes);
    if (!decoded) CHECK(decoded.error().detail.find("is not an id") != std::string::npos);
  }
  for (const Reply& reply : one_of_each(std::type_identity<Reply>{})) {
    INFO(name_of_message(reply));
    CHECK(numbers.insert(number_of(reply)).second);
    const std::string bytes = encode_body(reply);
    const auto decoded = decode_reply(number_of(reply), bytes, limits);
    if (decoded) CHECK(encode_body(*decoded) == bytes);
    if (!decoded) CHECK(decoded.error().detail.find("is not an id") != std::string::npos);
  }
  for (const Request& request : {Request{sample_pull()}, Request{sample_submit()}}) {
    CHECK(with_number(request, encode_body(request)) == encode_body(request));
  }
}

TEST_CASE("a message that was cut anywhere is refused, and so is one with bytes after it", "[fault-8]") {
  const Request request = sample_submit();
  const std::string bytes = encode_body(request);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_FALSE(decode_request(number_of(request), bytes.substr(0, length), limits));
  }
  CHECK_FALSE(decode_request(number_of(request), bytes + '\x01', limits));
}

TEST_CASE("five bytes that ask for gigabytes are refused before anything is allocated", "[fault-8]") {
  const std::string huge("\xff\xff\xff\xff", 4);
  for (const char list_or_map : {'\xdd', '\xdf'}) {
    const auto decoded = decode_request(Submit::number, list_or_map + huge, limits);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == RefusalCode::too_large);
  }
  // A text's bytes must be there before it is looked at.
  for (const char text_or_binary : {'\xdb', '\xc6'}) {
    const auto decoded = decode_request(Submit::number, text_or_binary + huge, limits);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == RefusalCode::malformed);
  }
  const auto nested = decode_request(Submit::number, std::string(6000, '\x91'), limits);
  REQUIRE_FALSE(nested);
  CHECK(nested.error().code == RefusalCode::too_large);
}

TEST_CASE("a refusal names the place that is wrong") {
  const auto detail = [](std::int64_t number, const std::string& body) {
    const auto decoded = decode_request(number, body, limits);
    return decoded ? std::string("accepted") : decoded.error().detail;
  };
  CHECK(detail(999, "\x80") == "no message has the number 999");
  CHECK(detail(Submit::number, "\x01") == "the body is not a map");
  CHECK(detail(Pull::number,
               "\x81\xa5"
               "count\xa1x") == "count is not a whole number");
  CHECK(detail(HandBack::number, "\x80") == "assignment is missing");
  CHECK(detail(Submit::number,
               "\x81\xa7"
               "answers\x91\x81\xaa"
               "assignment\x01") == "answers[0].assignment is not a pair [part, number]");
  CHECK(detail(Join::number,
               "\x81\xa4"
               "code\xa2\xc3\x28") == "code is not UTF-8, or holds a NUL");
  CHECK(detail(Join::number,
               "\x82\xa4"
               "code\xa1"
               "a\xa4"
               "code\xa1"
               "b") == "code is there twice");
}

TEST_CASE("a project number whose parts would have no number is refused") {
  const auto decoded = [](std::int64_t number) {
    return decode_request(DescribeProject::number, encode_body(Request{DescribeProject{ProjectId{number}}}), {});
  };
  CHECK(decoded(project_max).has_value());
  REQUIRE(!decoded(project_max + 1).has_value());
  CHECK(decoded(project_max + 1).error().detail == "project is not an id");
  CHECK(!decoded(INT64_MAX).has_value());
}

TEST_CASE("a name that is not known is ignored, so that a newer peer may add one") {
  const auto decoded = decode_request(Join::number,
                                      "\x82\xa4"
                                      "code\xa1"
                                      "a\xa3new\xc3",
                                      limits);
  REQUIRE(decoded);
  CHECK(std::get<Join>(*decoded).code == "a");
}

TEST_CASE("random bytes and damaged messages are refused or read, and never more", "[fault-8]") {
  std::mt19937 random(20261123);  // NOLINT: the same bytes in every run
  const std::vector<Request> kinds = one_of_each(std::type_identity<Request>{});
  const std::string good = encode_body(Request{sample_submit()});
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes(random() % 60, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    static_cast<void>(decode_request(number_of(kinds[random() % kinds.size()]), bytes, limits));
    std::string damaged = good;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    static_cast<void>(decode_request(Submit::number, damaged, limits));
  }
}

TEST_CASE("records say the same after they were stored") {
  OpenControl opened;
  opened.owner = AccountId{17};
  opened.spec.form = {{"bird", "choice", "Which?", true, {"a", "b"}, {{"x", "y"}}}};
  opened.salt = Bytes{std::string("\0\xff", 2)};
  const std::vector<Record> records{
      TransferPosted{2,
                     TransferKind::reversal,
                     {Fund::earnings, AccountId{18}},
                     {Fund::escrow, AccountId{16}},
                     Micros{7},
                     3,
                     1,
                     5},
      PayoutPosted{3, 4, AccountId{16}, AccountId{18}, Micros{7}, Micros{2}, 5},
      MailSent{4, PartId{3}, Sweep{{{AccountId{19}, Micros{8}}}}},
      ProjectCreated{opened, 6},
      AnswerAccepted{2, 1, AccountId{33}, {"a", ""}, Bytes{"digest"}, 7},
      VerdictReached{1, VerdictReason::max_reached, {{false, "", 0, "plurality"}}, {{2, 1'000'000}}, 8},
  };
  const std::string bytes = encode_records(records);
  const auto decoded = decode_records(bytes);
  REQUIRE(decoded);
  CHECK(encode_records(*decoded) == bytes);
  CHECK(to_json((*decoded)[0])["transfer_posted"]["amount"] == "0.000007");
  CHECK(to_json((*decoded)[1])["payout_posted"]["fee"] == "0.000002");
  CHECK_FALSE(decode_records(bytes.substr(1)));
}

TEST_CASE("messages read as JSON with ids and money as people write them") {
  const nlohmann::json json = to_json(Request{sample_submit()});
  CHECK(json["answers"][0]["assignment"] == "a17.1.9");
  CHECK(json["answers"][1]["values"]["note"][0] == "Größe ≥ 3");
  CHECK(to_json(Reply{Balance{Micros{1'500'000}, {}, {}}})["wallet"] == "1.50");
}

}  // namespace tally::codec
