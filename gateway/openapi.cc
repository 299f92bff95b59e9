#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/codec/messages_json.h"
#include "gateway/api.h"

namespace tally::gateway {
namespace {

using nlohmann::json;

json content(const json& schema) { return {{"application/json", {{"schema", schema}}}}; }

json refusal_schema() {
  return {{"type", "object"},
          {"properties",
           {{"code", {{"type", "string"}}},
            {"detail", {{"type", "string"}}},
            {"retry_after_ms", {{"type", "integer"}, {"format", "int64"}}}}}};
}

json responses(const json& reply) {
  json all{{"200", {{"description", "done"}, {"content", content(reply)}}}};
  all["default"] = {{"description", "a refusal"}, {"content", content({{"$ref", "#/components/schemas/refusal"}})}};
  return all;
}

json operation(const codec::RequestDescription& request) {
  return {{"operationId", request.name},
          {"x-roles", request.roles},
          {"security", json::array({{{"session", json::array()}, {"csrf", json::array()}}})},
          {"requestBody", {{"required", true}, {"content", content(request.body)}}},
          {"responses", responses(request.reply)}};
}

json sign_in_operation() {
  const json text{{"type", "string"}};
  const json body{{"type", "object"}, {"properties", {{"code", text}, {"nonce", text}}}, {"required", {"code"}}};
  return {{"operationId", "sign-in"},
          {"security", json::array()},
          {"requestBody", {{"required", true}, {"content", content(body)}}},
          {"responses", responses({{"$ref", "#/components/schemas/session"}})}};
}

json sign_out_operation() {
  const json body{{"type", "object"}, {"properties", {{"everywhere", {{"type", "boolean"}}}}}};
  return {{"operationId", "sign-out"},
          {"security", json::array({{{"session", json::array()}, {"csrf", json::array()}}})},
          {"requestBody", {{"required", true}, {"content", content(body)}}},
          {"responses", responses({{"type", "object"}})}};
}

json events_operation() {
  const json watch{{"name", "watch"},
                   {"in", "query"},
                   {"required", true},
                   {"description", "topics, with commas between: docs/gateway.md"},
                   {"schema", {{"type", "string"}}}};
  json all{{"200", {{"description", "a stream"}, {"content", {{"text/event-stream", json::object()}}}}}};
  all["default"] = {{"description", "a refusal"}, {"content", content({{"$ref", "#/components/schemas/refusal"}})}};
  return {{"operationId", "events"},
          {"security", json::array({{{"session", json::array()}}})},
          {"parameters", json::array({watch})},
          {"responses", std::move(all)}};
}

json session_schema(const std::vector<codec::RequestDescription>& requests) {
  const auto hello =
      std::find_if(requests.begin(), requests.end(), [](const auto& one) { return one.name == "hello"; });
  json schema = hello->reply;
  schema["properties"]["csrf"] = {{"type", "string"}};
  return schema;
}

}  // namespace

std::string openapi_json() {
  const auto requests = codec::describe_requests();
  json paths = json::object();
  paths["/api/session"]["get"] = {{"operationId", "session"},
                                  {"security", json::array({{{"session", json::array()}}})},
                                  {"responses", responses({{"$ref", "#/components/schemas/session"}})}};
  paths["/api/events"]["get"] = events_operation();
  paths["/api/sign-in"]["post"] = sign_in_operation();
  paths["/api/sign-out"]["post"] = sign_out_operation();
  for (const auto& request : requests) {
    if (is_for_pages(request.name)) paths["/api/" + request.name]["post"] = operation(request);
  }
  const json all{{"openapi", "3.1.0"},
                 {"info", {{"title", "Tally"}, {"version", TALLY_VERSION}}},
                 {"paths", std::move(paths)},
                 {"components",
                  {{"schemas", {{"refusal", refusal_schema()}, {"session", session_schema(requests)}}},
                   {"securitySchemes",
                    {{"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "tally"}}},
                     {"csrf", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-CSRF-Token"}}}}}}}};
  return all.dump(1);
}

}  // namespace tally::gateway
