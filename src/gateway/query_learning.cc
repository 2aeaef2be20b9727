#include "gateway/query_learning.h"

#include <fmt/format.h>

#include "base/log.h"
#include "policy/cheap.h"
#include "policy/classify/classifier.h"
#include "policy/wants.h"

namespace orchestra {
namespace {

constexpr std::size_t kFewestWords = 4;

const Sampling* sampling_of(const Request& request) noexcept {
  if (const auto* chat = std::get_if<ChatRequest>(&request)) return &chat->sampling;
  const auto* completion = std::get_if<CompletionRequest>(&request);
  return completion != nullptr ? &completion->sampling : nullptr;
}

std::size_t turns_of(const Request& request) noexcept {
  const auto* chat = std::get_if<ChatRequest>(&request);
  return chat != nullptr ? chat->messages.size() : 0;
}

// What the caller says of the class by the kind of work that it names.
std::optional<QueryType> label_of(const std::optional<Demand>& demand) noexcept {
  if (demand && demand->skills == kSkilledInCode) return QueryType::kTechnical;
  return std::nullopt;
}

}  // namespace

void QueryLearning::settled(const Walk& walk, Outcome outcome) noexcept {
  if (!key_ || outcomes_ == nullptr) return;
  const auto& query = walk.choice->decision->features.query;
  if (!query || walk.settlement->record().attempts.empty()) return;
  // Before the first content a caller has nothing to be content with.
  if (outcome == Outcome::kAbandoned && !walk.answer) return;
  try {
    learn(walk, outcome, *query);
  } catch (const std::exception& error) {
    log::warning("The outcome of {} was not kept: {}", walk.call.id.text(), error.what());
  }
}

void QueryLearning::learn(const Walk& walk, Outcome outcome, const Classification& query) {
  const auto request = walk.call.request();
  if (!request) return;
  const ModelId& model = walk.settlement->record().model;
  const QueryFeatures features(view_of(request->get()).text);
  outcomes_->keep({.id = walk.call.id,
                   .at = clock_.wall(),
                   .features = key_->keep(features),
                   .type = query.type,
                   .complexity = query.complexity,
                   .type_label = label_of(walk.call.demand),
                   .cheap = was_cheap(*walk.choice->decision, model),
                   .success = outcome == Outcome::kAnswered,
                   .abandoned = outcome == Outcome::kAbandoned});
  if (outcome == Outcome::kFailed) return;
  outcomes_->ended({.id = walk.call.id,
                    .about = {.model = model,
                              .task = walk.call.shape.task,
                              .query_class = static_cast<int>(query.type),
                              .stratum = prompt_stratum(estimated_input(walk.call.shape)),
                              .when = clock_.wall()},
                    .prompt = prompt_of(walk, request->get(), features.words()),
                    .began = walk.started,
                    .ended = clock_.now(),
                    .answered = outcome == Outcome::kAnswered});
}

std::uint64_t QueryLearning::prompt_of(const Walk& walk, const Request& request, std::size_t words) const {
  const Sampling* sampling = sampling_of(request);
  if (words < kFewestWords || (sampling != nullptr && sampling->temperature == 0.0)) return 0;
  const Caller& caller = walk.call.caller;
  const std::uint64_t session = walk.call.demand ? walk.call.demand->session : 0;
  return key_->hash(fmt::format("{}\n{}\n{}\n{}\n{}", caller.tenant, caller.key_name, session, turns_of(request),
                                view_of(request).text));
}

}  // namespace orchestra
