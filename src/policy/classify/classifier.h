// What kind of query a text is, and how much it asks of a model: two linear models, and two rules before them. Pure.
//
// The rules: a request with a picture, a sound, a video or a file is multimedia, always and for certain. A text without
// a word or a number ("x", "...", nothing at all) is simple, at 0.4. All else is decided by what the text says.
// models/classifier/ holds the labelled queries, the trainer and the figures.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/query_class.h"
#include "domain/request.h"
#include "policy/classify/linear_model.h"

namespace orchestra {

struct QueryView {
  std::string_view text;
  bool has_media = false;  // images, audio, video or files among its parts
};

// The text of the last user message (or of the prompts), and whether any message has media. The view is good as long as
// the request.
QueryView view_of(const Request& request) noexcept;

// Immutable; safe to share between threads.
class Classifier {
 public:
  Classifier(LinearModel type, LinearModel complexity)
      : type_(std::make_shared<const LinearModel>(std::move(type))),
        complexity_(std::make_shared<const LinearModel>(std::move(complexity))) {}

  Classification classify(const QueryView& query) const noexcept;
  Classification classify(const QueryFeatures& features, bool has_media) const noexcept;

  const LinearModel& type() const noexcept { return *type_; }
  const LinearModel& complexity() const noexcept { return *complexity_; }

  std::string bytes() const;
  // kInvalid: the bytes are not what `bytes` gave.
  static Result<Classifier> read(std::string_view bytes);

 private:
  std::shared_ptr<const LinearModel> type_, complexity_;  // shared: by its copies, as 128 KB each
};

}  // namespace orchestra
