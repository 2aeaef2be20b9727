#include "ports/http.h"

#include <algorithm>

#include "base/ascii.h"

namespace orchestra {

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

void HttpFields::add(std::string_view name, std::string_view value) {
  // Room for an ordinary message at once, instead of doubling into it.
  if (places_.capacity() == 0) {
    places_.reserve(16);
    text_.reserve(512);
  }
  places_.push_back({text_.size(), name.size(), value.size()});
  text_.append(name).append(value);
}

HttpFields::Field HttpFields::operator[](std::size_t index) const noexcept {
  const Place& place = places_[index];
  const std::string_view text = text_;
  return {text.substr(place.at, place.name_size), text.substr(place.at + place.name_size, place.value_size)};
}

std::optional<std::string_view> HttpFields::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Field field = (*this)[i];
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

void HttpFields::clear() noexcept {
  text_.clear();
  places_.clear();
}

}  // namespace orchestra
