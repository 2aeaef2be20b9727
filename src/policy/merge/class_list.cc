#include "policy/merge/class_list.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"

namespace orchestra {
namespace {

constexpr std::size_t kMostClasses = 5;

struct Class {
  std::string name;
  double votes = 0;
};

std::optional<std::vector<Class>> read_classes(std::string_view text) {
  const auto parsed = parse_json(text);
  const json::array* items = parsed ? parsed->if_array() : nullptr;
  if (items == nullptr || items->empty()) return std::nullopt;
  std::vector<Class> classes;
  for (const json::value& item : *items) {
    const auto name = find_string(item, "class");
    const auto label = name ? name : find_string(item, "label");
    const double confidence = find_number(item, "confidence").value_or(1);
    if (!label || !(confidence >= 0 && confidence <= 1)) return std::nullopt;
    classes.push_back({std::string(*label), confidence});
  }
  return classes;
}

std::string classes_json(std::span<const Class> classes, double all) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_array();
  for (const Class& one : classes) {
    writer.begin_object().member("class", one.name).member("confidence", one.votes / all).end_object();
  }
  writer.end_array();
  return text;
}

}  // namespace

bool is_class_list(std::string_view text) {
  return read_classes(text).has_value();
}

std::optional<Merged> merged_class_lists(std::span<const MemberAnswer> answers, VotesOf votes_of) {
  std::vector<Class> sums;
  double all = 0;
  for (const MemberAnswer& answer : answers) {
    const auto classes = read_classes(answer.text);
    if (!classes) return std::nullopt;
    all += votes_of(answer);
    for (const Class& one : *classes) {
      const auto known = std::ranges::find(sums, one.name, &Class::name);
      Class& sum = known != sums.end() ? *known : sums.emplace_back(Class{one.name, 0});
      // A list that names a class twice does not vote for it twice.
      sum.votes = std::min(sum.votes + one.votes * votes_of(answer), all);
    }
  }
  std::ranges::sort(
      sums, [](const Class& a, const Class& b) { return a.votes != b.votes ? a.votes > b.votes : a.name < b.name; });
  const auto top = std::span<const Class>(sums).first(std::min(sums.size(), kMostClasses));
  return Merged{.text = classes_json(top, all), .confidence = top.front().votes / all, .json = true};
}

}  // namespace orchestra
