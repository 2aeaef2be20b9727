// Reads a JSON body whose members are named in the READMEs: typed, with errors that name the member.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace orchestra {

// One JSON object. The first member that is missing or of the wrong type is kept as the error (kUnprocessable,
// `param`); readers after it give defaults, so that a function reads all members and asks once. null counts as left
// out.
class JsonBody {
 public:
  // kInvalid: not JSON; kUnprocessable: no object.
  static Result<JsonBody> parse(std::string_view text);
  explicit JsonBody(json::value value) : value_(std::move(value)) {}

  bool has(std::string_view name) const noexcept;
  std::string text(std::string_view name);  // required and not empty
  std::optional<std::string> optional_text(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<double> optional_number(std::string_view name, double least, double most);
  bool truth(std::string_view name);  // false when left out
  bool required_truth(std::string_view name);
  std::vector<std::string> optional_texts(std::string_view name);  // an array of texts
  std::optional<JsonBody> optional_object(std::string_view name);
  // One of `allowed`; the error lists them.
  std::optional<std::string> optional_word(std::string_view name, std::initializer_list<std::string_view> allowed);
  const json::object& members() const noexcept { return value_.get_object(); }

  // What was wrong, if anything.
  Result<void> check() const;
  // Takes over what was wrong with a part of this body.
  void note(const JsonBody& part);

 private:
  const json::value* member(std::string_view name) const noexcept;
  void wrong(std::string_view name, std::string what);

  json::value value_;
  std::optional<Error> error_;
};

}  // namespace orchestra
