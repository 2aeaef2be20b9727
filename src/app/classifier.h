// The query classifier that the program carries inside: models/classifier/classifier.bin.
#pragma once

#include "policy/classify/classifier.h"

namespace orchestra::app {

// Made on the first call. Thread-safe; every loop uses the same one.
const Classifier& shipped_classifier();

}  // namespace orchestra::app
