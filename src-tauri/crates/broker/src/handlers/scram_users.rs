//! DescribeUserScramCredentials, AlterUserScramCredentials (KIP-554).

use std::collections::{BTreeMap, BTreeSet};

use wire::ErrorCode;
use wire::messages::alter_user_scram_credentials::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, AlterUserScramCredentialsResult,
    ScramCredentialUpsertion,
};
use wire::messages::describe_user_scram_credentials::{
    CredentialInfo, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
};

use super::access::Access;
use crate::Broker;
use crate::security::acl::Operation;
use crate::security::scram::{ITERATIONS_MAX, ITERATIONS_MIN, ScramCredential, ScramHash};

const CLUSTER_REFUSED: &str = "Cluster authorization failed.";

pub(super) fn describe_user_scram_credentials(
    broker: &Broker,
    access: &Access,
    request: DescribeUserScramCredentialsRequest,
) -> DescribeUserScramCredentialsResponse {
    if !access.cluster(Operation::Describe) {
        return DescribeUserScramCredentialsResponse {
            error_code: ErrorCode::ClusterAuthorizationFailed.into(),
            error_message: Some(CLUSTER_REFUSED.into()),
            ..Default::default()
        };
    }
    let current = broker.security().current();
    let known = &current.content.scram;
    let asked: Vec<String> = match request.users {
        Some(users) if !users.is_empty() => users.into_iter().map(|user| user.name).collect(),
        _ => known.keys().cloned().collect(),
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    asked.iter().for_each(|user| *counts.entry(user).or_default() += 1);
    let results = counts.iter().map(|(user, count)| {
        let failed = |code: ErrorCode, message: String| DescribeUserScramCredentialsResult {
            user: (*user).to_owned(),
            error_code: code.into(),
            error_message: Some(message),
            ..Default::default()
        };
        match known.get(*user) {
            _ if *count > 1 => failed(
                ErrorCode::DuplicateResource,
                format!(
                    "Cannot describe SCRAM credentials for the same user twice in a single request: {user}"
                ),
            ),
            None => failed(
                ErrorCode::ResourceNotFound,
                format!("Attempt to describe a user credential that does not exist: {user}"),
            ),
            Some(credentials) => DescribeUserScramCredentialsResult {
                user: (*user).to_owned(),
                credential_infos: credentials
                    .iter()
                    .map(|(hash, credential)| CredentialInfo {
                        mechanism: *hash as i8,
                        iterations: i32::try_from(credential.iterations).unwrap_or(i32::MAX),
                    })
                    .collect(),
                ..Default::default()
            },
        }
    });
    DescribeUserScramCredentialsResponse { results: results.collect(), ..Default::default() }
}

/// What is to become of one user's credential.
type Change = (String, ScramHash, Option<ScramCredential>);

type Refusal = (ErrorCode, String);

pub(super) fn alter_user_scram_credentials(
    broker: &Broker,
    access: &Access,
    request: AlterUserScramCredentialsRequest,
) -> AlterUserScramCredentialsResponse {
    let deletions = request.deletions.iter().map(|one| one.name.as_str());
    let named: Vec<&str> = deletions.chain(request.upsertions.iter().map(|one| one.name.as_str())).collect();
    let mut outcome: BTreeMap<String, Result<(), Refusal>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for user in named {
        let verdict = if !access.cluster(Operation::Alter) {
            Err((ErrorCode::ClusterAuthorizationFailed, CLUSTER_REFUSED.to_owned()))
        } else if !seen.insert(user) {
            let message = "A user credential cannot be altered twice in the same request";
            Err((ErrorCode::DuplicateResource, message.to_owned()))
        } else {
            Ok(())
        };
        let known = outcome.entry(user.to_owned()).or_insert(Ok(()));
        if verdict.is_err() {
            *known = verdict;
        }
    }
    let mut changes: Vec<Change> = Vec::new();
    let mut wish = |user: &str, change: Result<Change, Refusal>| {
        let Some(verdict) = outcome.get_mut(user).filter(|verdict| verdict.is_ok()) else { return };
        match change {
            Ok(change) => changes.push(change),
            Err(refusal) => *verdict = Err(refusal),
        }
    };
    let current = broker.security().current();
    for deletion in &request.deletions {
        let change = mechanism(deletion.mechanism).and_then(|hash| {
            let known = current.content.scram.get(&deletion.name).is_some_and(|by| by.contains_key(&hash));
            let missing = "Attempt to delete a user credential that does not exist";
            if known {
                Ok((deletion.name.clone(), hash, None))
            } else {
                Err((ErrorCode::ResourceNotFound, missing.to_owned()))
            }
        });
        wish(&deletion.name, change);
    }
    for upsertion in &request.upsertions {
        wish(&upsertion.name, upserted(upsertion));
    }
    let stored = broker.security().change(|content| {
        let mut any = false;
        for (user, hash, credential) in changes {
            // Another of the user's changes may have been refused.
            if !matches!(outcome.get(&user), Some(Ok(()))) {
                continue;
            }
            any = true;
            let by_hash = content.scram.entry(user.clone()).or_default();
            match credential {
                Some(credential) => drop(by_hash.insert(hash, credential)),
                None => drop(by_hash.remove(&hash)),
            }
            if by_hash.is_empty() {
                content.scram.remove(&user);
            }
        }
        any.then_some(())
    });
    let results = outcome.into_iter().map(|(user, verdict)| {
        let verdict = match &stored {
            Err(error) => verdict.and(Err((ErrorCode::KafkaStorageError, error.to_string()))),
            Ok(_) => verdict,
        };
        let (code, error_message) = match verdict {
            Ok(()) => (ErrorCode::None, None),
            Err((code, message)) => (code, Some(message)),
        };
        AlterUserScramCredentialsResult { user, error_code: code.into(), error_message }
    });
    AlterUserScramCredentialsResponse { results: results.collect(), ..Default::default() }
}

fn mechanism(number: i8) -> Result<ScramHash, Refusal> {
    ScramHash::from_number(number)
        .ok_or_else(|| (ErrorCode::UnsupportedSaslMechanism, "Unknown SCRAM mechanism".to_owned()))
}

fn upserted(asked: &ScramCredentialUpsertion) -> Result<Change, Refusal> {
    let unacceptable = |message: &str| Err((ErrorCode::UnacceptableCredential, message.to_owned()));
    let hash = mechanism(asked.mechanism)?;
    let iterations = u32::try_from(asked.iterations).unwrap_or(0);
    if asked.name.is_empty() {
        return unacceptable("Username must not be empty");
    }
    if iterations < ITERATIONS_MIN {
        return unacceptable("Too few iterations");
    }
    if iterations > ITERATIONS_MAX {
        return unacceptable("Too many iterations");
    }
    let credential = ScramCredential::new(hash, asked.salt.to_vec(), &asked.salted_password, iterations);
    Ok((asked.name.clone(), hash, Some(credential)))
}
