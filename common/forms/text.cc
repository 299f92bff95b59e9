#include <array>
#include <cstdint>

#include "common/base/assert.h"
#include "common/base/digest.h"
#include "common/forms/field_type.h"
#include "common/forms/unicode.h"
#include "schemas/ids.h"

// text: free text. The ballot is '#' and 32 hex digits of a digest of salt, field and text, so that records hold no
// content, and who reads them cannot check a guess without the salt. Settings: length_max in characters (code points),
// and compare: "normalised" (see unicode.h), or "exact", byte by byte.
namespace tally::forms {
namespace {

constexpr std::array<std::string_view, 2> settings{"compare", "length_max"};
constexpr std::int64_t length_max_default = 2000;
constexpr std::int64_t length_max_max = 10'000;
constexpr std::size_t hex_digits = 32;

std::optional<std::int64_t> length_max_of(const FieldSpec& field) {
  const auto text = setting(field, "length_max");
  return text ? whole_number_from(*text) : length_max_default;
}

Result<Done, Why> check(const FieldSpec& field) {
  const auto length_max = length_max_of(field);
  if (!length_max || *length_max < 1 || *length_max > length_max_max) {
    return Unexpected{"setting length_max must be a whole number from 1 to " + std::to_string(length_max_max)};
  }
  const auto compare = setting(field, "compare").value_or("normalised");
  if (compare == "normalised" || compare == "exact") return Done{};
  return Unexpected{Why("setting compare must be normalised or exact")};
}

Result<std::string, Why> canonical(const FieldSpec& field, std::span<const std::string> values, std::string_view salt) {
  if (values.size() > 1) return Unexpected{Why("takes one text")};
  const auto length_max = length_max_of(field);
  TALLY_ASSERT(length_max.has_value());
  const auto length = code_points_in(values[0]);
  if (length > static_cast<std::size_t>(*length_max)) {
    return Unexpected{"takes at most " + std::to_string(*length_max) + " characters; this has " +
                      std::to_string(length)};
  }
  Sha256 digest;
  // No name holds the separator, so that no name runs into the text.
  digest.add(salt);
  digest.add("/" + field.name + "/");
  digest.add(setting(field, "compare") == "exact" ? values[0] : normalised(values[0]));
  return "#" + hex_of(digest.finish()).substr(0, hex_digits);
}

std::string hint(const FieldSpec& field) {
  return "text of at most " + std::to_string(length_max_of(field).value_or(length_max_default)) + " characters";
}

}  // namespace

extern const FieldType text_type;
const FieldType text_type{.name = "text",
                          .settings = settings,
                          .is_free_text = true,
                          .check = check,
                          .canonical = canonical,
                          .hint = hint,
                          .method = by_plurality};

}  // namespace tally::forms
