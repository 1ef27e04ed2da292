# Makes the copy of template.yaml that `try-it` and the tests deploy into a stand-in server on this computer.
# NEVER deploy that copy to AWS. Each line says what it weakens; everything else stays as it is.

# The stand-in does not fill in the policy variable that separates people. Here everybody who signed in reaches the
# keys of everybody: below any identity id of the region, instead of below their own.
s|/${!cognito-identity\.amazonaws\.com:sub}/\*|/${AWS::Region}:*/*|
s|"s3:prefix": "${cognito-identity\.amazonaws\.com:sub}/\*"|"s3:prefix": "*:*"|

# The stand-in speaks plain HTTP, on this computer only. The rule that refuses everything without TLS is turned round.
s|"aws:SecureTransport": "false"|"aws:SecureTransport": "true"|
