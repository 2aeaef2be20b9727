// Precompiled for test binaries.
#include "pch_asio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
