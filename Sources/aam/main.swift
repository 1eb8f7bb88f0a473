import Training

print("aam")
