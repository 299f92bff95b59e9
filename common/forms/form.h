#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "schemas/project_spec.h"
#include "schemas/refusals.h"

// Forms: what a requester may ask, what a worker may answer, and the canonical form that votes are counted on. Pure:
// no I/O, and the same input gives the same bytes on every machine: in the broker, in a client that checks before it
// sends, and in an audit years later.
namespace tally::forms {

inline constexpr std::size_t fields_max = 64;
inline constexpr std::size_t name_length_max = 64;
inline constexpr std::size_t label_bytes_max = 2000;
inline constexpr std::size_t options_max = 200;
inline constexpr std::size_t option_bytes_max = 500;
inline constexpr std::size_t form_bytes_max = 100'000;  // Names, labels, options and settings together.

// Whether a form can be filled in: 1 to 64 fields with unique names and known types, at least one required; the
// options and settings that each type wants, and no others. Refusal: spec_invalid; detail names the field and the rule.
[[nodiscard]] Result<Done, Refusal> check_form(const std::vector<FieldSpec>& form);

// The ballots of an answer, one per field of the form, in its order; "" where an optional field was left empty. What
// shows nothing (white space, invisible characters) counts as left empty. Free text becomes '#' and a digest salted
// with `salt`, so that ballots hold no content. Refusal: answer_invalid; detail names the field and the rule, never
// what was entered. REQUIRES a form that check_form accepts.
[[nodiscard]] Result<Ballots, Refusal> canonical_form(const std::vector<FieldSpec>& form, const AnswerValues& answer,
                                                      std::string_view salt);

// The following REQUIRE a field of a form that check_form accepts.

// The aggregation method that judges this field: "plurality", or "tolerance" for a number with a tolerance above 0.
[[nodiscard]] std::string_view default_method(const FieldSpec& field);
// How far apart two numbers may be and still agree, in millionths; 0 for other types.
[[nodiscard]] std::int64_t tolerance_e6(const FieldSpec& field);
// Whether a ballot of this field is a digest of what was written.
[[nodiscard]] bool is_free_text(const FieldSpec& field);
// What can be entered, for one who fills it in: "a number from 0 to 10".
[[nodiscard]] std::string entry_hint(const FieldSpec& field);

// The label that a ballot of a choice is, from 0: the place of its option, and after these, where nothing need be
// entered, that nothing was. A field without labels has none.
[[nodiscard]] std::int32_t labels_of(const FieldSpec& field);
// Nothing: it is not one of them.
[[nodiscard]] std::optional<std::int32_t> label_of(const FieldSpec& field, std::string_view ballot);
[[nodiscard]] std::string ballot_of_label(const FieldSpec& field, std::int32_t label);

// The ballots of a gold task, by field, empty where nothing is known: from the names of fields and what is true of
// them. What can be known is one choice. An error says which name or value is wrong.
[[nodiscard]] Result<Ballots, std::string> gold_ballots(const std::vector<FieldSpec>& form,
                                                        const std::map<std::string, std::string>& gold);

// A ballot as people read it, choices joined with "; ". A digest of free text stays one: who shows it looks up the
// text.
[[nodiscard]] std::string readable(std::string_view ballot);

// For messages: the types there are ("choice, choices, number, text"), and the settings of one (none for an unknown
// type).
[[nodiscard]] std::string type_names();
[[nodiscard]] bool has_type(std::string_view name);
[[nodiscard]] std::span<const std::string_view> settings_of(std::string_view type);

}  // namespace tally::forms
