/// Every operation once more, in double precision, by the loops that its formula says and nothing else.
enum Oracle {}
