#include "app/classifier.h"

#include <cstdlib>

#include "app/embedded.h"
#include "base/log.h"

ORCHESTRA_EMBED(classifier_file, ORCHESTRA_CLASSIFIER)

namespace orchestra::app {

const Classifier& shipped_classifier() {
  static const Classifier classifier = [] {
    auto read = Classifier::read(classifier_file());
    if (read) return std::move(*read);
    log::error("The program is broken: {}", read.error().what);
    std::abort();
  }();
  return classifier;
}

}  // namespace orchestra::app
