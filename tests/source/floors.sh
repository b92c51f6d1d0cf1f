#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Can a module see true demand by an include? The rule holds over the tree, and each planted way around it is refused.
set -euo pipefail
"$SOURCE/scripts/checks/floors"
"$SOURCE/scripts/checks/floors" --self-test
