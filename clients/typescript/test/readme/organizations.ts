import { AuthFlowClient, toAuthFlowError } from '@authflow/client';
import { OrganizationService } from '@authflow/stubs/authflow/v1/organization_service_pb';
import { createClient } from '@connectrpc/connect';

const auth = new AuthFlowClient();
const organizations = createClient(OrganizationService, auth.transport);
try {
  await organizations.listOrganizations({ pageSize: 10 });
} catch (error) {
  console.log(toAuthFlowError(error).reason); // ADMIN_TOKEN_INVALID: the admin token is sent by its own header
}
auth.close();
