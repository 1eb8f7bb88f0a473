import Training
print("aam")
