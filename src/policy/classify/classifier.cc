#include "policy/classify/classifier.h"

#include <algorithm>
#include <variant>

namespace orchestra {
namespace {

constexpr std::string_view kMagic = "AOQC0001";
// Of a text that says nothing: simple, the cheapest mistake, and hardly believed.
constexpr ClassScores kNothing{0.4F, 0.2F, 0.2F, 0.2F};

template <class... Kinds>
bool holds_any_of(const Part& part) noexcept {
  return (std::holds_alternative<Kinds>(part) || ...);
}

QueryView view_of(const ChatRequest& chat) noexcept {
  QueryView view;
  for (const Message& message : chat.messages) {
    for (const Part& part : message.content) {
      view.has_media |= holds_any_of<ImagePart, AudioPart, FilePart>(part);
      const auto* text = std::get_if<TextPart>(&part);
      if (text != nullptr && message.role == Role::kUser) view.text = text->text;
    }
  }
  return view;
}

template <class Label>
std::pair<Label, double> most_likely(const ClassScores& probabilities) noexcept {
  const auto most = std::ranges::max_element(probabilities);
  return {static_cast<Label>(most - probabilities.begin()), static_cast<double>(*most)};
}

}  // namespace

QueryView view_of(const Request& request) noexcept {
  if (const auto* chat = std::get_if<ChatRequest>(&request)) return view_of(*chat);
  const auto* completion = std::get_if<CompletionRequest>(&request);
  if (completion == nullptr || completion->prompts.empty()) return {};
  return {.text = completion->prompts.front()};
}

Classification Classifier::classify(const QueryView& query) const noexcept {
  return classify(QueryFeatures(query.text), query.has_media);
}

Classification Classifier::classify(const QueryFeatures& features, bool has_media) const noexcept {
  Classification out;
  const auto complexity = features.says_nothing() ? kNothing : complexity_->probabilities(features.all());
  std::tie(out.complexity, out.complexity_confidence) = most_likely<Complexity>(complexity);
  if (has_media) {
    out.type = QueryType::kMultimedia;
    out.confidence = 1;
    out.probabilities[static_cast<std::size_t>(QueryType::kMultimedia)] = 1;
    return out;
  }
  out.probabilities = features.says_nothing() ? kNothing : type_->probabilities(features.all());
  std::tie(out.type, out.confidence) = most_likely<QueryType>(out.probabilities);
  return out;
}

std::string Classifier::bytes() const {
  std::string out(kMagic);
  type_->append_to(out);
  complexity_->append_to(out);
  return out;
}

Result<Classifier> Classifier::read(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return fail(Fault::kInvalid, "This is no classifier's file.");
  bytes.remove_prefix(kMagic.size());
  TRY(auto type, LinearModel::read(bytes));
  TRY(auto complexity, LinearModel::read(bytes));
  if (!bytes.empty()) return fail(Fault::kInvalid, "The classifier's file is longer than it should be.");
  return Classifier(std::move(type), std::move(complexity));
}

}  // namespace orchestra
