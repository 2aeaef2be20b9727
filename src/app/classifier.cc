#include "app/classifier.h"

#include <cstdlib>

#include "base/log.h"

// The file goes into the program as it is: as an array in source text it would take seconds to compile.
asm(".section .rodata\n"
    ".global orchestra_classifier_begin\n"
    ".global orchestra_classifier_end\n"
    "orchestra_classifier_begin:\n"
    ".incbin \"" ORCHESTRA_CLASSIFIER
    "\"\n"
    "orchestra_classifier_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" const char orchestra_classifier_begin, orchestra_classifier_end;

namespace orchestra::app {

const Classifier& shipped_classifier() {
  static const Classifier classifier = [] {
    auto read = Classifier::read({&orchestra_classifier_begin, &orchestra_classifier_end});
    if (read) return std::move(*read);
    log::error("The program is broken: {}", read.error().what);
    std::abort();
  }();
  return classifier;
}

}  // namespace orchestra::app
