#include "registry/discontent.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace orchestra {
namespace {

constexpr double kLatest = 1000;  // answers; those before them fade
constexpr std::size_t kMostModels = 10'000;
constexpr std::size_t kMostWaiting = 1U << 16U;

}  // namespace

void Discontent::note(std::vector<QueryEnd> ends) {
  const std::size_t room = kMostWaiting - std::min(waiting_.size(), kMostWaiting);
  if (ends.size() > room) ends.resize(room);
  std::ranges::move(ends, std::back_inserter(waiting_));
}

Discontent::Signs Discontent::read(TimePoint now) {
  forget_old(now);
  const auto due = std::ranges::partition(waiting_, [now](const QueryEnd& end) { return end.ended > now - kLate; });
  std::ranges::sort(due, {}, &QueryEnd::ended);
  Signs signs;
  for (QueryEnd& end : due) look_at(std::move(end), signs);
  waiting_.erase(due.begin(), due.end());
  return signs;
}

void Discontent::look_at(QueryEnd end, Signs& signs) {
  if (shares_.size() > kMostModels) shares_.clear();
  Share& share = shares_[end.about.model.text];
  if (++share.answers > kLatest) {
    share.answers /= 2;
    share.complaints /= 2;
  }
  Answered* const earlier = end.prompt != 0 ? find(end.prompt) : nullptr;
  // Two requests that were under way together are no second thoughts.
  if (earlier != nullptr && end.began >= earlier->at) {
    if (end.began - earlier->at > kSoon) {
      earlier->repeats = 0;
    } else if (++earlier->repeats <= kCounted) {
      signs.signals.push_back({.id = earlier->id, .retried = true});
      complain(earlier->about, kRetryQuality, kRetryWeight, signs);
    }
  }
  if (!end.answered) return complain(std::move(end.about), kLeftQuality, kLeftWeight, signs);
  if (end.prompt == 0) return;
  const int repeats = earlier != nullptr ? earlier->repeats : 0;
  if (earlier == nullptr && recent_.size() >= kMost) older_ = std::exchange(recent_, {});
  recent_.insert_or_assign(end.prompt,
                           Answered{.id = end.id, .about = std::move(end.about), .at = end.ended, .repeats = repeats});
}

// Among the recent ones, where it is put if it stood among the older.
Discontent::Answered* Discontent::find(std::uint64_t prompt) {
  if (const auto found = recent_.find(prompt); found != recent_.end()) return &found->second;
  auto older = older_.extract(prompt);
  return older.empty() ? nullptr : &recent_.insert(std::move(older)).position->second;
}

void Discontent::complain(OutcomeFact fact, double quality, double weight, Signs& signs) {
  Share& share = shares_[fact.model.text];
  if (++share.complaints <= kUsualShare * share.answers) return;
  fact.quality = quality;
  fact.weight = weight;
  signs.facts.push_back(std::move(fact));
}

void Discontent::forget_old(TimePoint now) {
  if (now < rotation_due_) return;
  rotation_due_ = now + kKept;
  older_ = std::exchange(recent_, {});
}

}  // namespace orchestra
