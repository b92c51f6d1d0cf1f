# SPDX-License-Identifier: GPL-3.0-or-later
# models.R: the cases of models.c in R. models.R FOLDER reads the data there and writes FOLDER/rivals: case;rival;CPU seconds;reached.
suppressMessages({
    library(quantreg)
    library(forecast)
})
folder <- commandArgs(TRUE)[1]
column <- function(name) scan(file.path(folder, name), quiet = TRUE)
cpu <- function() sum(proc.time()[1:2])
lines <- character()

# A first call warms up R's compiler and memory; where it takes more than a second, it is the one that counts.
time <- function(case, rival, f, reached) {
    start <- cpu()
    value <- f()
    seconds <- cpu() - start
    if (seconds < 1) {
        times <- 0
        start <- cpu()
        while (times < 3 || cpu() - start < 0.1) {
            value <- f()
            times <- times + 1
        }
        seconds <- (cpu() - start) / times
    }
    lines <<- c(lines, sprintf("%s;%s;%.9g;%.10g", case, rival, seconds, reached(value)))
}

level <- column("level")
season <- column("season")
positive <- ts(column("positive"), frequency = 12)
for (n in c(144, 2016)) for (method in c("ML", "CSS-ML"))
    time(sprintf("arima (1,1,1), n = %d", n), paste("arima", method),
         function() arima(level[1:n], c(1, 1, 1), method = method), function(fit) fit$loglik)
for (method in c("ML", "CSS-ML"))
    time("arima (2,1,2)(0,1,1)[12], n = 2016", paste("arima", method),
         function() arima(season, c(2, 1, 2), list(order = c(0, 1, 1), period = 12), method = method),
         function(fit) fit$loglik)
time("order by AICc, n = 288", "auto.arima", function() auto.arima(level[1:288]), function(fit) fit$aicc)
time("ets by AICc, period 12, n = 144", "ets", function() ets(positive), function(fit) fit$aicc)

x <- matrix(column("x"), ncol = 5, byrow = TRUE)
y <- column("y")
set.seed(1)
for (k in 3:5) for (method in c("fn", "br", "pfn")) {
    if (method == "br" && k > 3) next
    rows <- 1:10^k
    xs <- x[rows, ]
    ys <- y[rows]
    fit <- switch(method, fn = rq.fit.fnb, br = rq.fit.br, pfn = rq.fit.pfn)
    time(sprintf("rq, p = 5, 95 %%, n = 1e%d", k), paste("rq", method), function() suppressWarnings(fit(xs, ys, tau = 0.95)),
         function(fit) { r <- ys - xs %*% fit$coefficients; sum(r * (0.95 - (r < 0))) })
}
writeLines(lines, file.path(folder, "rivals"))
