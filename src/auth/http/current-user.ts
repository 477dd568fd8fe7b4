import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Binds a handler's parameter to the id of the user whom {@link JwtAuthGuard} let in. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { user } = context.switchToHttp().getRequest<{ user: { userId: string } }>();
  return user.userId;
});
