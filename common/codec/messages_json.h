#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/result.h"
#include "common/codec/limits.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"

// The requests of the protocol as JSON from outside, and what there is, for programs: what an HTTP API needs. How
// values look is codec/json.h's business.
namespace tally::codec {

// A request by its name, with the JSON of its fields; an empty text is an object without any. Refusals:
// unknown_message, malformed (naming the place), too_large.
[[nodiscard]] Result<Request, Refusal> request_from_json(std::string_view name, std::string_view json,
                                                         const Limits& limits);

// One request as an API describes it.
struct RequestDescription {
  std::string name;
  std::vector<std::string> roles;
  nlohmann::json body;   // JSON Schema of its fields.
  nlohmann::json reply;  // JSON Schema of the fields of its reply.
};
[[nodiscard]] std::vector<RequestDescription> describe_requests();

}  // namespace tally::codec
